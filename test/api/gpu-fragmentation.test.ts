import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { GpuFragmentation, demandGroups, typicalPods } from '../../src/api/gpu-fragmentation.ts'
import type { DemandGroup, TypicalPod } from '../../src/api/gpu-fragmentation.ts'
import { hasShared, shared } from '../shared-data.ts'
import { parseTable } from '../report/parse-csv.ts'

const HALF_GPU: TypicalPod = { cpu: 1000, gpuMilli: 500, gpuCount: 1, models: [], weight: 1 }

interface NodeState {
  readonly freeCpu: number
  readonly freeMilli: readonly number[]
  readonly model: string
}

function fragmentedMilli({ freeCpu, freeMilli, model }: NodeState, typical: readonly TypicalPod[]): number {
  return new GpuFragmentation(typical).lost(freeCpu, freeMilli, freeMilli.length, model)
}

describe('GPU fragmentation', () => {
  it.each([
    ['all that is free when the pod asks for no GPU', { gpuMilli: 0, gpuCount: 0 }, 4000, [600, 300], 900],
    ['all of it when the node lacks cpu', {}, 999, [600, 300], 900],
    ['what lies on devices with too little', {}, 1000, [600, 300], 300],
    ['nothing when every device will do', {}, 1000, [600, 500], 0],
    ['all of it when too few devices will do', { gpuMilli: 1000, gpuCount: 2 }, 1000, [1000, 900], 1900],
    ['all of it on another model', { models: ['T4'] }, 1000, [600, 300], 900],
    ['nothing when nothing is free', {}, 0, [0, 0], 0],
  ])('is %s', (_, change, freeCpu, freeMilli, lost) => {
    expect(fragmentedMilli({ freeCpu, freeMilli, model: 'P100' }, [{ ...HALF_GPU, ...change }])).toBe(lost)
  })

  it('is the mean over the pods by their weight', () => {
    const typical = [
      { ...HALF_GPU, weight: 0.75 },
      { ...HALF_GPU, gpuCount: 0, gpuMilli: 0, weight: 0.25 },
    ]
    expect(fragmentedMilli({ freeCpu: 1000, freeMilli: [600, 300], model: '' }, typical)).toBe(
      0.75 * 300 + 0.25 * 900,
    )
  })

  it.skipIf(!hasShared)('equals the values of the FGD repository (shared data)', () => {
    const golden = readGolden()
    expect(golden.cases).toHaveLength(7)
    for (const { typical_pods: list, node, expected_frag_gpu_milli: expected } of golden.cases) {
      const typical = (golden.typical_pods[list] ?? []).map((pod) => ({
        cpu: pod.cpu_milli,
        gpuMilli: pod.gpu_milli,
        gpuCount: pod.gpu_num,
        models: pod.gpu_type === '' ? [] : pod.gpu_type.split('|'),
        weight: pod.weight,
      }))
      const state = { freeCpu: node.cpu_left, freeMilli: node.gpu_left, model: node.gpu_type }
      expect(Math.abs(fragmentedMilli(state, typical) - expected)).toBeLessThanOrEqual(golden.tolerance)
    }
  })
})

describe('typicalPods', () => {
  const group = (cpu: number, count: number): DemandGroup => {
    return { cpu, gpuMilli: 1000, gpuCount: 1, models: [], count }
  }

  it('keeps the most frequent until they cover 95 %', () => {
    const kept = typicalPods([group(1, 4), group(2, 90), group(3, 6)])
    expect(kept.map(({ cpu, weight }) => [cpu, weight])).toEqual([
      [2, 90 / 100 / (96 / 100)],
      [3, 6 / 100 / (96 / 100)],
    ])
  })

  it('takes equal counts by more cpu, then a larger share, then more GPUs, then the later models', () => {
    const one = { ...group(1, 2), gpuMilli: 500 }
    const groups = demandGroups([
      { ...one, count: 1 },
      { ...one, models: ['T4'] },
      { ...one, count: 1 },
      { ...one, gpuMilli: 700 },
      { ...one, cpu: 2 },
    ])
    expect(groups).toHaveLength(4)
    expect(typicalPods(groups).map(({ cpu, gpuMilli, models }) => [cpu, gpuMilli, models.join()])).toEqual([
      [2, 500, ''],
      [1, 700, ''],
      [1, 500, 'T4'],
      [1, 500, ''],
    ])
  })

  it('is nothing of nothing', () => {
    expect(typicalPods([])).toEqual([])
  })

  it.skipIf(!hasShared)('takes the 35 kinds of the openb trace with their weights (shared data)', () => {
    const csv = gunzipSync(
      readFileSync(shared('traces/alibaba-openb-2023/openb_pod_list_default.csv.gz')),
    ).toString()
    const groups = new Map<string, DemandGroup>()
    for (const pod of parseTable(csv.replaceAll('\r', ''))) {
      const { cpu_milli: cpu, gpu_milli: gpuMilli, num_gpu: gpuCount, gpu_spec: models = '' } = pod
      const key = [cpu, gpuMilli, gpuCount, models].join()
      groups.set(key, {
        cpu: Number(cpu),
        gpuMilli: Number(gpuMilli),
        gpuCount: Number(gpuCount),
        models: models === '' ? [] : models.split('|'),
        count: (groups.get(key)?.count ?? 0) + 1,
      })
    }
    const published = parseTable(readFileSync(shared('traces/fgd-expected/typical_pods_default.csv'), 'utf8'))
    const kept = typicalPods([...groups.values()])
    expect(published).toHaveLength(35)
    expect(kept.map((pod) => [pod.cpu, pod.gpuMilli, pod.gpuCount])).toEqual(
      published.map((row) => [Number(row['cpu_milli']), Number(row['gpu_milli']), Number(row['gpu_num'])]),
    )
    kept.forEach((pod, i) => expect(pod.weight).toBeCloseTo(Number(published[i]?.['weight']), 12))
  })
})

interface Golden {
  readonly tolerance: number
  readonly typical_pods: Readonly<
    Record<
      string,
      readonly { cpu_milli: number; gpu_milli: number; gpu_num: number; gpu_type: string; weight: number }[]
    >
  >
  readonly cases: readonly {
    readonly typical_pods: string
    readonly node: {
      readonly cpu_left: number
      readonly gpu_left: readonly number[]
      readonly gpu_type: string
    }
    readonly expected_frag_gpu_milli: number
  }[]
}

function readGolden(): Golden {
  return JSON.parse(readFileSync(shared('traces/fgd-expected/golden_frag.json'), 'utf8')) as Golden
}
