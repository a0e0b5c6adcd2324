import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { MINUTE, SECOND } from '../../src/base/time.ts'
import type { NodeColumns, NodeLoad, PodShape } from '../../src/scheduler/framework/index.ts'
import { buildCluster, buildPicker, createPod, node, nodeOf } from '../scheduler/cluster-builder.ts'
import { configurationOf } from './policy-cluster.ts'

const GI = 2 ** 30
const POLICIES = ['TargetLoadPacking', 'LoadVariationRiskBalancing'] as const
const context = { gates: new Map<string, boolean>(), path: 'args', warn: () => undefined }

/** What a pod says of cpu, container by container, and of memory. */
interface Asks {
  readonly containers?: readonly { readonly request?: string; readonly limit?: string }[]
  readonly cpu?: number
  readonly memory?: number
}

function shapeOf({ containers = [], cpu = 0, memory = 0 }: Asks): PodShape {
  const spec = {
    containers: containers.map(({ request, limit }, index) => ({
      name: `c${index}`,
      resources: {
        ...(request === undefined ? {} : { requests: { cpu: request } }),
        ...(limit === undefined ? {} : { limits: { cpu: limit } }),
      },
    })),
  }
  return { spec, requests: { cpu, memory, ephemeralStorage: 0, scalars: new Map() } } as unknown as PodShape
}

/** Percent of a node of 1000 millicores and 1 GiB: [mean, deviation]. */
function loadOf(cpu: readonly [number, number], memory: readonly [number, number] = [0, 0]): NodeLoad {
  const use = ([mean, deviation]: readonly [number, number], capacity: number): NodeLoad['cpu'] => ({
    latest: (mean * capacity) / 100,
    mean: (mean * capacity) / 100,
    deviation: (deviation * capacity) / 100,
    capacity,
  })
  return { cpu: use(cpu, 1000), memory: use(memory, GI) }
}

function scoreOf(
  plugin: (typeof POLICIES)[number],
  load: NodeLoad | undefined,
  asks: Asks,
  more: { readonly args?: object; readonly unmeasured?: readonly Asks[] } = {},
): number | undefined {
  const made = plugins.get(plugin)?.(more.args, context)
  const columns: Partial<NodeColumns> = {
    allocatableCpu: () => 1000,
    allocatableMemory: () => GI,
    measuredLoad: () => load,
    unmeasuredPods: () =>
      (more.unmeasured ?? []).map((pod) => ({ shape: shapeOf(pod) })) as unknown as ReturnType<
        NodeColumns['unmeasuredPods']
      >,
  }
  return made?.score?.(made.compile(shapeOf(asks)), 0, columns as NodeColumns, undefined)
}

describe('TargetLoadPacking scores by its formula', () => {
  it.each([
    ['an idle node has the target', 0, {}, 40],
    ['a hot node: 40 · 50 / 60', 50, {}, 33],
    ['at the target', 40, {}, 100],
    ['limits are what is used', 30, { containers: [{ request: '1', limit: '1' }] }, 0],
    ['a request of 100m is 150m: 60 · 15 / 40 + 40', 0, { containers: [{ request: '100m' }], cpu: 100 }, 63],
    ['without either a core', 0, { containers: [{}] }, 0],
    ['a size that the pod brings', 0, { containers: [{}], cpu: 200 }, 85],
  ])('%s', (_name, cpu, asks, score) => {
    expect(scoreOf('TargetLoadPacking', loadOf([cpu, 0]), asks)).toBe(score)
  })

  it('counts pods that are not measured yet', () => {
    const unmeasured = [{ containers: [{ request: '100m', limit: '150m' }], cpu: 100 }]
    expect(scoreOf('TargetLoadPacking', loadOf([10, 0]), {}, { unmeasured })).toBe(78)
  })

  it('by its arguments', () => {
    const args = { targetUtilization: 80, defaultRequestsMultiplier: '2', defaultRequests: { cpu: '50m' } }
    const asks = { containers: [{ request: '175m' }, {}], cpu: 175 }
    expect(scoreOf('TargetLoadPacking', loadOf([0, 0]), asks, { args })).toBe(90)
  })

  it('gives nodes that were not measured nothing', () => {
    expect(scoreOf('TargetLoadPacking', undefined, {})).toBe(0)
  })
})

describe('LoadVariationRiskBalancing scores by its formula', () => {
  // The expected values of upstream's own table (loadvariationriskbalancing_test.go), with memory idle where it has none.
  const args = { metricProvider: { type: 'Prometheus' } }
  it.each([
    ['half used', loadOf([50, 0]), {}, 75],
    ['full', loadOf([100, 0]), {}, 50],
    ['mean and deviation', loadOf([30, 16]), { cpu: 200, memory: GI / 4 }, 67],
    ['memory is worse', loadOf([40, 16], [50, 10]), { cpu: 100, memory: GI / 2 }, 45],
    ['cpu is worse', loadOf([80, 20], [25, 15]), { cpu: 100, memory: GI / 2 }, 45],
    ['not measured', undefined, {}, 0],
  ])('%s', (_name, load, asks, score) => {
    expect(scoreOf('LoadVariationRiskBalancing', load, asks, { args })).toBe(score)
  })

  it('by margin and sensitivity: (0.5 + 2 √0.16) / 2, cut at 1', () => {
    const more = { args: { ...args, safeVarianceMargin: 2, safeVarianceSensitivity: 2 } }
    expect(scoreOf('LoadVariationRiskBalancing', loadOf([50, 16]), {}, more)).toBe(35)
    expect(scoreOf('LoadVariationRiskBalancing', loadOf([50, 100]), {}, more)).toBe(25)
  })

  it('a metrics server knows no deviation', () => {
    expect(scoreOf('LoadVariationRiskBalancing', loadOf([50, 40]), {})).toBe(75)
  })
})

describe('arguments that make no sense are refused', () => {
  it.each([
    ['TargetLoadPacking', { targetUtilization: 101 }, 'targetUtilization'],
    ['TargetLoadPacking', { defaultRequestsMultiplier: 'much' }, 'defaultRequestsMultiplier'],
    ['TargetLoadPacking', { metricProvider: 'Prometheus' }, 'expected an object'],
    ['LoadVariationRiskBalancing', { safeVarianceMargin: -1 }, 'safeVarianceMargin'],
    ['LoadVariationRiskBalancing', { metricProvider: { type: 'Datadog' } }, 'metricProvider.type'],
  ])('%s %o', (plugin, args, message) => {
    expect(() => plugins.get(plugin)?.(args, context)).toThrow(message)
  })
})

describe('what is not measured yet', () => {
  it('are pods that came less than a minute before the measurement, and later', () => {
    const { sim, api, scheduler } = buildCluster()
    api.nodes.create(node('n0', { cpu: '4', memory: '8Gi' }))
    createPod(api, 'early', { cpu: '1' })
    sim.run(30 * SECOND)
    createPod(api, 'late', { cpu: '1' })
    sim.run(31 * SECOND)
    const { nodes } = scheduler.cluster
    const names = (): string[] => nodes.unmeasuredPods(0).map(({ name }) => name)
    expect(names()).toEqual(['early', 'late'])
    const { epoch, version } = nodes
    const before = version[0]
    nodes.loads.replace(new Map([[0, loadOf([1, 0])]]), 75 * SECOND)
    expect(names()).toEqual(['late'])
    expect(nodes.epoch).toBeGreaterThan(epoch)
    expect(nodes.version[0]).not.toBe(before)
    nodes.loads.replace(new Map(), 2 * MINUTE)
    expect(names()).toEqual([])
    expect(nodes.measuredLoad(0)).toBeUndefined()
  })
})

describe('the fast path', () => {
  it.each(POLICIES)('answers for %s as the definition does, as measurements change', (policy) => {
    const play = (usesIndex: boolean): string[] => {
      const { sim, api, scheduler } = buildCluster({
        configuration: configurationOf(policy),
        options: { usesIndex, tieBreak: 'name' },
      })
      for (let i = 0; i < 12; i++) api.nodes.create(node(`n${i}`, { cpu: '8', memory: '16Gi' }))
      const rows = Array.from({ length: 80 }, (_, i) => {
        if (i % 6 === 0) {
          const loads = Array.from({ length: 12 }, (_node, n): [number, NodeLoad] => [
            n,
            loadOf([(17 * n + 5 * i) % 70, (3 * n + i) % 20], [(11 * n + i) % 50, 5]),
          ])
          scheduler.cluster.nodes.loads.replace(new Map(loads.slice(i % 4)), sim.now)
        }
        const row = createPod(api, `p${i}`, { cpu: `${10 * (1 + (i % 4))}m`, memory: '64Mi' })
        sim.run(sim.now + 20 * SECOND)
        return row
      })
      if (usesIndex) expect(scheduler.answered.index).toBeGreaterThan(70)
      return rows.map((row) => nodeOf(api, row))
    }
    const placed = play(true)
    expect(placed).toEqual(play(false))
    expect(new Set(placed).size).toBeGreaterThan(4)
  })

  it('remembers a measurement no longer than it stands', () => {
    const cluster = buildCluster({ configuration: configurationOf('TargetLoadPacking') })
    const { sim, api, scheduler } = cluster
    for (const name of ['n0', 'n1']) api.nodes.create(node(name, { cpu: '4', memory: '8Gi' }))
    sim.run(1)
    const [profile] = [...scheduler.profiles.values()]
    if (profile === undefined) throw new Error('there is no profile')
    const picker = buildPicker(cluster)
    const pod = createPod(api, 'p', { cpu: '10m' })
    const podClass = profile.classOf(scheduler.cluster.shapes.shapeOf(pod))
    const { loads } = scheduler.cluster.nodes
    const pickedWith = (first: number, second: number): number => {
      loads.replace(
        new Map([
          [0, loadOf([first, 0])],
          [1, loadOf([second, 0])],
        ]),
        sim.now,
      )
      return picker.pick(profile, podClass, pod).node
    }
    expect([pickedWith(30, 10), pickedWith(10, 30), pickedWith(90, 45)]).toEqual([0, 1, 1])
  })
})
