import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { readPublished } from '../../../src/benchmark/fgd/published.ts'
import { agreementOf, studyMeans } from '../../../src/benchmark/fgd/study-means.ts'
import { STUDY_POLICY_NAMES } from '../../../src/benchmark/fgd/study-policies.ts'
import { runStudy } from '../../../src/benchmark/fgd/study-run.ts'
import type { StudyUnit } from '../../../src/benchmark/fgd/study-run.ts'
import { temporaryDirectory } from '../../report/temporary-directory.ts'
import { hasShared, shared } from '../../shared-data.ts'
import { writeOpenbSample } from './openb-sample.ts'

function sampleUnits(): (policy: string, seed?: number) => StudyUnit {
  const folder = temporaryDirectory()
  writeOpenbSample(folder)
  const nodeFile = path.join(folder, 'openb_node_list_gpu_node.csv')
  const podFile = path.join(folder, 'openb_pod_list_small.csv')
  return (policy, seed = 42) => ({ nodeFile, podFile, workload: 'small', policy, seed, tune: 1.3 })
}

describe('a run of the study', () => {
  it('comes to the same on generated data as it did', () => {
    const unit = sampleUnits()
    const rows = STUDY_POLICY_NAMES.map((policy) => {
      const { series, pods, dropped } = runStudy(unit(policy))
      return [
        policy,
        `${dropped}/${pods}`,
        ...[100, 130].map(
          (arrived) =>
            `${series.alloc_pct[arrived]} ${series.frag_amount_pct[arrived]} ${series.frag_ratio_pct[arrived]?.toFixed(2)}`,
        ),
      ].join(', ')
    })
    expect(rows).toMatchInlineSnapshot(`
      [
        "Random, 30/238, 74.35 12.82 49.98, 81.3 11.64 62.23",
        "DotProd, 73/238, 92.76 7.24 100.00, 92.76 7.24 100.00",
        "GpuClustering, 67/238, 94.08 5.88 99.35, 94.13 5.87 100.00",
        "GpuPacking, 70/238, 93.25 6.75 100.00, 93.25 6.75 100.00",
        "BestFit, 72/238, 93.31 6.69 100.00, 93.31 6.69 100.00",
        "FGD, 70/238, 93.64 6.36 100.00, 93.64 6.36 100.00",
      ]
    `)
  })

  it('is the same run twice, and another one with another seed', () => {
    const unit = sampleUnits()
    for (const policy of ['Random', 'FGD']) {
      expect(runStudy(unit(policy))).toEqual(runStudy(unit(policy)))
      expect(runStudy(unit(policy, 43)).series).not.toEqual(runStudy(unit(policy)).series)
    }
  })

  it('takes any other scheduling policy', () => {
    const { series } = runStudy(sampleUnits()('MostAllocated'))
    expect(series.alloc_pct[100]).toBeGreaterThan(50)
  })

  it.skipIf(!hasShared)('is the one that the authors have published, cell by cell (shared data)', () => {
    const folder = shared('traces', 'alibaba-openb-2023')
    const published = readPublished(shared('traces', 'fgd-expected'))
    const units = [
      ['default', 'FGD', 42],
      ['gpuspec33', 'DotProd', 45],
      ['multigpu50', 'GpuClustering', 44],
    ] as const
    for (const [workload, policy, seed] of units) {
      const unit = {
        nodeFile: path.join(folder, 'openb_node_list_gpu_node.csv.gz'),
        podFile: path.join(folder, `openb_pod_list_${workload}.csv.gz`),
        workload,
        policy,
        seed,
        tune: 1.3,
      }
      const runs = [{ unit, result: runStudy(unit) }]
      expect([workload, policy, seed, agreementOf(runs, published)]).toEqual([
        workload,
        policy,
        seed,
        { published: 1, equal: 1 },
      ])
      const [mean] = studyMeans(runs, published).filter(({ arrived }) => arrived === 100)
      expect(Math.abs(mean?.measures.alloc_pct?.deviation ?? Number.NaN)).toBeLessThan(3)
    }
  })
})
