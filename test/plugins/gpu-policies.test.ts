import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import type { NodeColumns, PluginContext, PodShape } from '../../src/scheduler/framework/index.ts'
import type { RunOutlook } from '../../src/scheduler/framework/index.ts'

/** A node with devices; cpu in millicores. */
interface GpuNode {
  readonly cpu: number
  readonly free: readonly number[]
  readonly model?: string
  readonly pods?: readonly PodShape[]
}

function columns({ cpu, free, model = '', pods = [] }: GpuNode): NodeColumns {
  const view: Partial<NodeColumns> = {
    allocatableCpu: () => cpu + 5000,
    requestedCpu: () => 5000,
    labels: () => (model === '' ? {} : { 'stowage.dev/gpu-model': model }),
    deviceCount: () => free.length,
    deviceFree: (_node, device) => free[device] ?? 0,
    pods: () => pods.map((shape) => ({ shape })) as unknown as ReturnType<NodeColumns['pods']>,
  }
  return view as NodeColumns
}

function pod(cpu: number, gpus = 0, milli = 1000): PodShape {
  const annotations =
    gpus === 0
      ? {}
      : { 'stowage.dev/gpu-count': String(gpus), 'stowage.dev/gpu-milli-per-device': String(milli) }
  return { annotations, requests: { cpu, memory: 0, scalars: new Map() } } as unknown as PodShape
}

function plugin(name: string, args?: unknown, outlook?: RunOutlook) {
  const context: PluginContext = { gates: new Map(), path: 'args', warn: () => undefined, outlook }
  const made = plugins.get(name)?.(args, context)
  if (made === undefined) throw new Error(`there is no ${name}`)
  return made
}

function score(name: string, shape: PodShape, node: GpuNode, args?: unknown): number | undefined {
  const made = plugin(name, args)
  return made.score?.(made.compile(shape), 0, columns(node), undefined)
}

describe('GpuDotProduct', () => {
  it.each([
    // (32/128 · 16/128 + 2/8 · 1/8) / 2 = 0.03125
    ['a free half', pod(16_000, 1), { cpu: 32_000, free: [1000, 1000] }, 96],
    // cpu alone: 64/128 · 64/128 / 2 = 0.125
    ['no GPU asked for', pod(64_000), { cpu: 64_000, free: [1000] }, 87],
    ['all of the largest node asked for', pod(128_000, 8), { cpu: 128_000, free: Array(8).fill(1000) }, 0],
    ['nothing free', pod(1000), { cpu: 0, free: [0] }, 100],
  ])('scores %s', (_, shape, node, expected) => {
    expect(score('GpuDotProduct', shape, node)).toBe(expected)
  })
})

describe('GpuBestFit', () => {
  it.each([
    // 1 − ½ · 16/128 − ½ · 1500/8000 = 0.84375
    ['what is left of both', pod(16_000, 1, 500), { cpu: 32_000, free: [1000, 1000] }, 84],
    ['a perfect fit', pod(4000, 2), { cpu: 4000, free: [1000, 1000] }, 100],
    ['an empty largest node and a pod of nothing', pod(0), { cpu: 128_000, free: Array(8).fill(1000) }, 0],
  ])('scores %s', (_, shape, node, expected) => {
    expect(score('GpuBestFit', shape, node)).toBe(expected)
  })
})

describe('GpuPacking', () => {
  it.each([
    ['no GPU asked for', pod(1000), [1000, 1000], 0],
    ['a node of two that is free: 33 − 2', pod(1000, 1), [1000, 1000], 31],
    ['a node of twenty that is free: its devices', pod(1000, 1), Array(20).fill(1000), 20],
    ['two free devices to begin: 50 − 2', pod(1000, 2), [1000, 500, 1000], 48],
    ['a device in use with 60 % free: 100 − 60/10', pod(1000, 1, 300), [1000, 605, 200], 94],
    ['half of a device left', pod(1000, 1, 500), [500, 600], 95],
  ])('scores %s', (_, shape, free, expected) => {
    expect(score('GpuPacking', shape, { cpu: 9000, free })).toBe(expected)
  })
})

describe('GpuClustering', () => {
  const share = pod(1000, 1, 300)
  const two = pod(1000, 2)
  it.each([
    // b = 25 · 6000 / 8000 = 18, rounded down.
    ['no GPU asked for', pod(1000), [share], 0],
    ['its class alone', share, [share, pod(500), share], 75 + 18],
    ['its class among others', two, [share, two], 50 + 18],
    ['no class yet', two, [pod(500)], 25 + 18],
    ['other classes', pod(1000, 1), [share, two], 18],
  ])('scores %s', (_, shape, there, expected) => {
    expect(score('GpuClustering', shape, { cpu: 9000, free: [1000, 1000], pods: there })).toBe(expected)
  })
})

describe('FGD', () => {
  const args = { typicalPods: [{ cpu: 4000, gpuCount: 1, gpuMilli: 500, weight: 1 }] }
  it.each([
    // Device 0 leaves [700, 500], of which nothing is lost; device 1 [1000, 200], of which 200 are: 100 σ(−0.2) = 45.
    ['the better of two devices', pod(1000, 1, 300), [1000, 500], 50],
    ['the only device that is left', pod(1000, 1, 300), [200, 500], 45],
    // 8000 − 5000 < 4000: all 1500 are lost, 100 σ(−1.5) = 18.2.
    ['the cpu that a pod without GPU takes', pod(5000), [1000, 500], 18],
    // What is lost before is used up: 300 less, 100 σ(0.3) = 57.4.
    ['a fragment that is used', pod(1000, 1, 300), [300, 500], 57],
    ['whole devices', pod(1000, 1), [1000, 500], 50],
    ['a node without devices', pod(1000), [], 50],
  ])('scores %s', (_, shape, free, expected) => {
    expect(score('FGD', shape, { cpu: 8000, free }, args)).toBe(expected)
  })

  it('measures against pods that the node has the model for', () => {
    const typicalPods = [{ cpu: 1000, gpuCount: 1, gpuMilli: 500, models: ['T4'], weight: 1 }]
    const shape = pod(1000, 1, 600)
    // On a T4, 400 are lost that were not; elsewhere all was lost, and 600 less is.
    expect(score('FGD', shape, { cpu: 8000, free: [1000], model: 'T4' }, { typicalPods })).toBe(40)
    expect(score('FGD', shape, { cpu: 8000, free: [1000], model: 'P100' }, { typicalPods })).toBe(64)
  })

  it('takes the typical pods of the run, and without any scores all nodes alike', () => {
    const outlook = { seed: 1, typicalPods: [{ ...args.typicalPods[0], models: [] }] as never }
    const made = plugin('FGD', undefined, outlook)
    const scored = (name: typeof made, free: readonly number[]): number | undefined =>
      name.score?.(name.compile(pod(1000, 1, 300)), 0, columns({ cpu: 8000, free }), undefined)
    expect(scored(made, [200, 500])).toBe(45)
    expect(scored(plugin('FGD'), [200, 500])).toBe(50)
  })

  it('refuses arguments that are no typical pods', () => {
    expect(() => plugin('FGD', { typicalPods: 'many' })).toThrow(/args\.typicalPods/)
    expect(() => plugin('FGD', { typicalPods: [{ cpu: -1, weight: 1 }] })).toThrow(/typicalPods\[0\]\.cpu/)
    expect(() => plugin('FGD', { typical: [] })).toThrow(/args\.typical/)
  })
})

describe('GpuShare', () => {
  const reserve = (args: unknown, shape: PodShape, free: readonly number[], key = 'default/a') => {
    const made = plugin('GpuShare', args)
    const cycle = { pod: { key, uid: '' } } as never
    return made.reserve?.(made.compile(shape), 0, columns({ cpu: 8000, free }), cycle)?.devices
  }

  it('sets the tightest device aside, the first of equals', () => {
    expect(reserve(undefined, pod(1000, 1, 300), [1000, 400, 300, 300])).toBe(0b0100)
  })

  it('sets the first whole devices aside, whatever the choice for shares', () => {
    const typicalPods = [{ cpu: 4000, gpuCount: 1, gpuMilli: 500, weight: 1 }]
    for (const args of [
      {},
      { deviceChoice: 'Random' },
      { deviceChoice: 'LeastFragmentation', typicalPods },
    ]) {
      expect(reserve(args, pod(1000, 2), [500, 1000, 1000, 1000])).toBe(0b0110)
    }
  })

  it('sets the device aside that FGD scores best, not the tightest', () => {
    const args = {
      deviceChoice: 'LeastFragmentation',
      typicalPods: [{ cpu: 4000, gpuCount: 1, gpuMilli: 500, weight: 1 }],
    }
    expect(reserve(args, pod(1000, 1, 300), [1000, 500])).toBe(0b01)
    expect(reserve({}, pod(1000, 1, 300), [1000, 500])).toBe(0b10)
  })

  it('sets any device aside that fits, each about as often, the same for the same pod and seed', () => {
    const args = { deviceChoice: 'Random', seed: 7 }
    const counts = new Map<number | undefined, number>()
    for (let i = 0; i < 3000; i++) {
      const chosen = reserve(args, pod(1000, 1, 300), [1000, 200, 500, 300], `default/pod-${i}`)
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
    }
    expect([...counts.keys()].toSorted((one, other) => Number(one) - Number(other))).toEqual([1, 4, 8])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
    expect(reserve(args, pod(1000, 1, 300), [1000, 1000])).toBe(
      reserve(args, pod(1000, 1, 300), [1000, 1000]),
    )
  })

  it('refuses a choice that there is not', () => {
    expect(() => plugin('GpuShare', { deviceChoice: 'Loosest' })).toThrow(/Loosest/)
  })
})

describe('Random', () => {
  const chosen = (made: ReturnType<typeof plugin>, found: readonly number[], key: string): unknown => {
    const identity = { key, uid: '' } as never
    const prepared = made.prepareScore?.(made.compile(pod(0)), {} as never, found, identity, undefined)
    return prepared !== undefined && 'state' in prepared ? prepared.state : undefined
  }

  it('gives all to one of the nodes found, each about as often', () => {
    const made = plugin('Random', { seed: 3 })
    const counts = new Map<unknown, number>()
    for (let i = 0; i < 3000; i++) {
      const node = chosen(made, [4, 9, 11], `default/pod-${i}`)
      counts.set(node, (counts.get(node) ?? 0) + 1)
    }
    expect([...counts.keys()].toSorted((one, other) => Number(one) - Number(other))).toEqual([4, 9, 11])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
    expect(made.score?.({}, 9, columns({ cpu: 0, free: [] }), 9)).toBe(100)
    expect(made.score?.({}, 4, columns({ cpu: 0, free: [] }), 9)).toBe(0)
  })

  it("draws by the run's seed where it has none of its own", () => {
    const found = Array.from({ length: 100 }, (_, node) => node)
    const draws = (seed: number, own?: number): unknown[] => {
      const made = plugin('Random', own === undefined ? undefined : { seed: own }, { seed, typicalPods: [] })
      return Array.from({ length: 20 }, (_, i) => chosen(made, found, `default/pod-${i}`))
    }
    expect(draws(1)).toEqual(draws(1))
    expect(draws(1)).not.toEqual(draws(2))
    expect(draws(1, 5)).toEqual(draws(2, 5))
  })
})
