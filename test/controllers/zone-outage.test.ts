import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import { POD_DELETING } from '../../src/cluster/pod-event.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import type { NodeLifecycleOptions } from '../../src/controllers/node-lifecycle.ts'
import { TaintEviction } from '../../src/controllers/taint-eviction.ts'
import { TestCluster } from '../node/test-cluster.ts'

/** When what happened to nodes of a cluster, in seconds; sorted. */
interface Timeline {
  readonly unknown: readonly number[]
  readonly tainted: readonly number[]
  readonly evicted: readonly number[]
}

/** Zones of these sizes with `podsPerNode` pods on each node; `lost` nodes of each zone go down at 1000.2 s, for good. */
function timeline(
  sizes: readonly number[],
  lost: readonly number[],
  {
    podsPerNode = 1,
    until = 20_000,
    ...options
  }: Partial<NodeLifecycleOptions> & {
    readonly podsPerNode?: number
    readonly until?: number
  } = {},
): Timeline {
  const cluster = new TestCluster()
  new NodeLifecycle(cluster.sim, cluster.api, cluster.machines, options)
  new TaintEviction(cluster.sim, cluster.api)
  const down: NodeRow[] = []
  sizes.forEach((size, zone) => {
    for (let index = 0; index < size; index++) {
      const row = cluster.addNode(`z${zone}-n${index}`, { zone: `z${zone}` })
      if (index < (lost[zone] ?? 0)) down.push(row)
      for (let i = 0; i < podsPerNode; i++) cluster.createPod({ node: row })
    }
  })
  const unknown = new Map<NodeRow, number>()
  const tainted = new Map<NodeRow, number>()
  const evicted = new Map<PodRow, number>()
  cluster.api.watch({
    name: 'test/timeline',
    kinds: ['Node'],
    podEvents: POD_DELETING,
    onPod: ({ pod }) => void evicted.set(pod, cluster.sim.now / SECOND),
    onObject: ({ key }) => {
      const row = cluster.api.nodeRows.everRowOf(key)
      const now = cluster.sim.now / SECOND
      if (cluster.condition(row, 'Ready') === 'Unknown' && !unknown.has(row)) unknown.set(row, now)
      const hasTaint = cluster.taints(row).includes('unreachable:NoExecute')
      if (hasTaint && !tainted.has(row)) tainted.set(row, now)
    },
  })
  cluster.at(1000.2, () => down.forEach((row) => cluster.machines.crash(row, 'test')))
  cluster.runTo(until)
  const sorted = (times: ReadonlyMap<unknown, number>): number[] =>
    [...times.values()].sort((one, other) => one - other)
  return { unknown: sorted(unknown), tainted: sorted(tainted), evicted: sorted(evicted) }
}

/** `count` numbers from `first` on, `step` apart. */
function steps(first: number, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index * step)
}

describe('the timeline of an outage', () => {
  it('of one node of many: Unknown 40 to 55 s after the crash, tainted 5 s later, evicted after 300 s more', () => {
    const { unknown, tainted, evicted } = timeline([100], [1])
    const [at = 0] = unknown
    // Its last renewal came in the 10.4 s before the crash, and was seen by the next tick of 5 s.
    expect([1040, 1045, 1050, 1055]).toContain(at)
    expect({ tainted, evicted }).toEqual({ tainted: [at + 5], evicted: [at + 305] })
  })

  it('of one of three zones as a whole, 1,000 of 3,000 nodes: one node in 10 s, for 10,000 s', () => {
    const { unknown, tainted, evicted } = timeline([1000, 1000, 1000], [1000], { podsPerNode: 10 })
    expect(unknown.length).toBe(1000)
    expect(unknown[0]).toBeGreaterThanOrEqual(1040)
    expect(unknown.at(-1)).toBeLessThanOrEqual(1055)
    const [first = 0] = tainted
    expect(first).toBe((unknown[0] ?? 0) + 5)
    // The zone is partly disrupted for the few seconds in which its nodes become Unknown one after the other: between the first
    // and the last of them the rate is 0.01, and a change of rate empties the bucket.
    const full = tainted.findIndex((time, index) => (tainted[index + 1] ?? 0) - time === 10 && index > 0)
    expect(full).toBeLessThanOrEqual(2)
    const rest = tainted.slice(full)
    expect(rest).toEqual(steps(rest[0] ?? 0, 10, rest.length))
    expect(tainted.length).toBe(1000)
    expect(tainted.at(-1)).toBeGreaterThanOrEqual(first + 9980)
    expect(tainted.at(-1)).toBeLessThanOrEqual(first + 10_010)
    expect(evicted).toEqual(tainted.flatMap((time) => Array.from({ length: 10 }, () => time + 300)))
  })

  it('of 60 % of a large zone: one node in 100 s', () => {
    const { tainted } = timeline([1000, 1000], [600], { until: 11_000 })
    const late = tainted.filter((time) => time > 1200)
    expect(late).toEqual(steps(late[0] ?? 0, 100, late.length))
    expect(tainted.length).toBeGreaterThanOrEqual(99)
    expect(tainted.length).toBeLessThanOrEqual(101)
  })

  it('of 60 % of a zone of up to 50 nodes: none but those that were tainted before it was noticed', () => {
    const { tainted, unknown } = timeline([50, 50], [30])
    expect(unknown.length).toBe(30)
    expect(tainted.length).toBeLessThanOrEqual(1)
    expect(timeline([51, 50], [31]).tainted.length).toBe(31)
  })

  it('of less than the threshold of a zone: at the full rate', () => {
    const { tainted } = timeline([50, 50], [27])
    expect(tainted).toEqual(steps(tainted[0] ?? 0, 10, 27))
  })

  it('of all zones: nobody is evicted', () => {
    const { unknown, evicted } = timeline([10, 10], [10, 10])
    expect([unknown.length, evicted]).toEqual([20, []])
    expect(timeline([10], [10]).evicted).toEqual([])
  })

  it('of all zones but one node: the others are evicted, each zone by its own state', () => {
    const { tainted } = timeline([60, 60], [60, 59])
    // The first zone is lost: 0.1 a second. The second is partly disrupted, and large: 0.01.
    const late = tainted.filter((time) => time > 1200)
    expect(late.length).toBeGreaterThan(45 + 45)
    expect(tainted.length).toBe(119)
  })

  it('follows other rates and thresholds', () => {
    const rates = { evictionRate: 1, secondaryEvictionRate: 0.05, largeZone: 20, unhealthyThreshold: 0.3 }
    const whole = timeline([30, 30], [30], rates)
    expect(whole.tainted.slice(5)).toEqual(steps(whole.tainted[5] ?? 0, 1, 25))
    const part = timeline([30, 30], [10], rates).tainted.filter((time) => time > 1080)
    expect(part).toEqual(steps(part[0] ?? 0, 20, part.length))
    expect(part.length).toBeGreaterThanOrEqual(6)
    expect(timeline([20, 30], [8], rates).tainted.length).toBeLessThanOrEqual(5)
  })
})
