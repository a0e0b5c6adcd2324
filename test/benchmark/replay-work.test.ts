import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { ReplayWork, WORK_HEADER, workRow } from '../../src/benchmark/replay-work.ts'
import type { WorkOptions, WorkPod } from '../../src/benchmark/replay-work.ts'
import { writeWorkFile } from '../../src/benchmark/work-file.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { hasShared, shared } from '../shared-data.ts'

function podsOf(options: Partial<WorkOptions>): WorkPod[] {
  const work = new ReplayWork({ nodes: 50, pods: 20_000, shapes: undefined, seed: 1, ...options })
  const pods: WorkPod[] = []
  const pod: WorkPod = { arrivalMs: 0, durationMs: 0, cpuMilli: 0, memoryMib: 0 }
  while (work.next(pod)) pods.push({ ...pod })
  return pods
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('the work of the replay bench', () => {
  it.skipIf(!hasShared)('is that of the shared generator, byte for byte', () => {
    for (const seed of [1, 7]) {
      const folder = temporaryDirectory()
      const [ours, theirs] = [path.join(folder, 'ours.csv'), path.join(folder, 'theirs.csv')]
      writeWorkFile(ours, { nodes: 300, pods: 30_000, shapes: undefined, seed })
      const words = ['--nodes', '300', '--pods', '30000', '--seed', String(seed), '--out', theirs]
      execFileSync(process.execPath, [shared('bench/gen.mjs'), ...words])
      expect(readFileSync(ours, 'utf8')).toBe(readFileSync(theirs, 'utf8'))
    }
  })

  it('asks for 70 % of the cpu of the cluster in the steady state, whatever the shapes', () => {
    for (const shapes of [undefined, 100, 5]) {
      const pods = podsOf({ shapes })
      const seconds = (pods.at(-1)?.arrivalMs ?? 0) / 1000
      const cpuSeconds = pods.reduce((sum, pod) => sum + pod.cpuMilli * (pod.durationMs / 1000), 0)
      expect(cpuSeconds / seconds / (50 * 64_000)).toBeCloseTo(0.7, 1)
      expect(meanOf(pods.map(({ durationMs }) => durationMs / 1000))).toBeGreaterThan(570)
    }
  })

  it('keeps requests and durations within their ranges', () => {
    for (const { cpuMilli, memoryMib, durationMs } of podsOf({})) {
      expect(cpuMilli).toBeGreaterThanOrEqual(100)
      expect(cpuMilli).toBeLessThanOrEqual(8000)
      expect(memoryMib).toBeGreaterThanOrEqual(256)
      expect(memoryMib).toBeLessThanOrEqual(32_768)
      expect(durationMs).toBeGreaterThanOrEqual(1000)
    }
  })

  it('has as many sizes as asked for, and the same durations with any number of them', () => {
    const [all, some] = [podsOf({}), podsOf({ shapes: 100 })]
    const sizesOf = (pods: readonly WorkPod[]): number =>
      new Set(pods.map(({ cpuMilli, memoryMib }) => `${cpuMilli}/${memoryMib}`)).size
    expect(sizesOf(some)).toBe(100)
    expect(sizesOf(all)).toBeGreaterThan(19_900)
    expect(some.map(({ durationMs }) => durationMs)).toEqual(all.map(({ durationMs }) => durationMs))
  })

  it('is another with another seed, and the same with the same', () => {
    expect(podsOf({ pods: 5, seed: 2 })).not.toEqual(podsOf({ pods: 5 }))
    expect(podsOf({ pods: 5 })).toEqual(podsOf({ pods: 5 }))
  })

  it('is a row a pod', () => {
    expect(WORK_HEADER.split(',')).toHaveLength(4)
    const row = workRow({ arrivalMs: 1500, durationMs: 60_007, cpuMilli: 250, memoryMib: 512 })
    expect(row).toBe('1.500,60.007,250,512')
  })
})
