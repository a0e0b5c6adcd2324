import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import type { NodeLifecycleOptions } from '../../src/controllers/node-lifecycle.ts'
import { TestCluster } from '../node/test-cluster.ts'

const NO_EXECUTE = 'unreachable:NoExecute'
const NO_SCHEDULE = 'unreachable:NoSchedule'

interface Change {
  readonly second: number
  readonly ready: string | undefined
  readonly taints: readonly string[]
}

interface Watched {
  readonly cluster: TestCluster
  readonly nodes: readonly NodeRow[]
  /** What became of each node, by its row. */
  readonly changes: ReadonlyMap<NodeRow, readonly Change[]>
}

/** Nodes with a node lifecycle controller, in zones of these sizes, and all that happens to them. */
function zones(
  sizes: readonly number[],
  options: Partial<NodeLifecycleOptions> & { seed?: number } = {},
): Watched {
  const { seed, ...settings } = options
  const cluster = new TestCluster(seed === undefined ? {} : { seed })
  new NodeLifecycle(cluster.sim, cluster.api, cluster.machines, settings)
  const nodes = sizes.flatMap((size, zone) =>
    Array.from({ length: size }, (_, i) => cluster.addNode(`z${zone}-n${i}`, { zone: `z${zone}` })),
  )
  const changes = new Map<NodeRow, Change[]>(nodes.map((row) => [row, []]))
  cluster.api.watch({
    name: 'test/nodes',
    kinds: ['Node'],
    onObject: ({ key, verb }) => {
      if (verb === 'DELETED' || cluster.api.nodes.get(key) === undefined) return
      const row = cluster.api.nodeRows.everRowOf(key)
      const second = cluster.sim.now / SECOND
      const change = { second, ready: cluster.condition(row, 'Ready'), taints: cluster.taints(row) }
      const list = changes.get(row)
      if (list?.at(-1)?.second === second) list.pop()
      list?.push(change)
    },
  })
  return { cluster, nodes, changes }
}

/** When the node first had this taint, in seconds; undefined if it never had. */
function taintedAt({ changes }: Watched, row: NodeRow, taint: string): number | undefined {
  return changes.get(row)?.find(({ taints }) => taints.includes(taint))?.second
}

function crashAt({ cluster }: Watched, second: number, rows: readonly NodeRow[]): void {
  cluster.at(second, () => rows.forEach((row) => cluster.machines.crash(row, 'test')))
}

function restoreAt({ cluster }: Watched, second: number, rows: readonly NodeRow[]): void {
  cluster.at(second, () => rows.forEach((row) => cluster.machines.restore(row, 'test')))
}

describe('a node whose machine is down', () => {
  it('is Unknown at a tick, 50 s after the tick that saw its last renewal, and tainted by the next', () => {
    const seconds: number[] = []
    for (let seed = 0; seed < 60; seed++) {
      const test = zones([5], { seed })
      const [row = 0 as NodeRow] = test.nodes
      crashAt(test, 103.3, [row])
      test.cluster.runTo(400)
      const [lost, marked] = test.changes.get(row) ?? []
      expect([lost?.ready, lost?.taints]).toEqual(['Unknown', [NO_SCHEDULE]])
      const at = lost?.second ?? 0
      seconds.push(at)
      expect(at % 5).toBe(0)
      expect(marked).toEqual({ second: at + 5, ready: 'Unknown', taints: [NO_SCHEDULE, NO_EXECUTE] })
    }
    // The last renewal was up to 10 s before the crash, and seen up to 5 s after itself.
    expect(Math.min(...seconds)).toBe(145)
    expect(Math.max(...seconds)).toBe(155)
    expect(new Set(seconds).size).toBe(3)
  })

  it('takes its other conditions and the readiness of its pods along', () => {
    const test = zones([5])
    const [row = 0 as NodeRow] = test.nodes
    const { cluster } = test
    const pods = [cluster.createPod({ node: row }), cluster.createPod({ node: row, duration: 50 })]
    const other = cluster.createPod({ node: test.nodes[1] ?? row })
    crashAt(test, 100, [row])
    cluster.runTo(400)
    expect(cluster.condition(row, 'MemoryPressure')).toBe('Unknown')
    expect([...pods, other].map((pod) => cluster.state(pod))).toEqual([
      'Running',
      'Succeeded Completed',
      'Running',
    ])
    expect([...pods, other].map((pod) => cluster.api.pods.table.isReady(pod))).toEqual([false, false, true])
    restoreAt(test, 500, [row])
    cluster.runTo(500)
    expect(['Ready', 'MemoryPressure'].map((type) => cluster.condition(row, type))).toEqual(['True', 'False'])
  })

  it('is well at once when it is back, and free of its NoExecute taint at the next tick', () => {
    const test = zones([5])
    const [row = 0 as NodeRow] = test.nodes
    crashAt(test, 100, [row])
    restoreAt(test, 303, [row])
    test.cluster.runTo(400)
    expect(test.changes.get(row)?.slice(2)).toEqual([
      { second: 303, ready: 'True', taints: [NO_EXECUTE] },
      { second: 305, ready: 'True', taints: [] },
    ])
    expect(test.cluster.sim.pending).toBe(0)
  })

  it('is not noticed when it is back within the grace period', () => {
    const test = zones([5])
    const [row = 0 as NodeRow] = test.nodes
    crashAt(test, 100, [row])
    restoreAt(test, 130, [row])
    crashAt(test, 131, [row])
    restoreAt(test, 160, [row])
    test.cluster.runTo(400)
    expect(test.changes.get(row)).toEqual([])
    expect(test.cluster.sim.pending).toBe(0)
  })

  it('renews its lease as it comes back: a second failure is noticed from there', () => {
    const test = zones([5])
    const [row = 0 as NodeRow] = test.nodes
    crashAt(test, 100, [row])
    restoreAt(test, 201, [row])
    crashAt(test, 208, [row])
    test.cluster.runTo(400)
    // Renewed at 201, seen at 205, over at 255.
    expect(
      test.changes
        .get(row)
        ?.map(({ second, ready }) => [second, ready])
        .slice(-2),
    ).toEqual([
      [255, 'Unknown'],
      [260, 'Unknown'],
    ])
  })

  it('costs no event while nothing is due', () => {
    const test = zones([5])
    crashAt(test, 100, test.nodes.slice(0, 1))
    test.cluster.runTo(200)
    const executed = test.cluster.sim.executed
    test.cluster.runTo(100_000)
    expect(test.cluster.sim.executed).toBe(executed)
  })

  it('may be deleted at any time', () => {
    const test = zones([3])
    crashAt(test, 100, test.nodes)
    test.cluster.at(149, () => void test.cluster.api.nodes.delete('z0-n0'))
    test.cluster.at(158, () => void test.cluster.api.nodes.delete('z0-n1'))
    test.cluster.at(170, () => void test.cluster.api.nodes.delete('z0-n2'))
    test.cluster.runTo(400)
    expect(test.cluster.api.nodes.size).toBe(0)
    expect(test.cluster.sim.pending).toBe(0)
  })
})

describe('the rate of tainting', () => {
  /** The NoExecute taints of these nodes in order of time, in seconds since the first. */
  function spans(test: Watched, rows: readonly NodeRow[]): number[] {
    const times = rows
      .flatMap((row) => taintedAt(test, row, NO_EXECUTE) ?? [])
      .sort((one, other) => one - other)
    return times.map((time) => time - (times[0] ?? 0))
  }

  it('is one node in 10 s in a zone that is well', () => {
    const test = zones([20])
    const lost = test.nodes.slice(0, 4)
    crashAt(test, 100, lost)
    test.cluster.runTo(1000)
    expect(spans(test, lost)).toEqual([0, 10, 20, 30])
  })

  it('is the same in each zone of its own, and in a zone that is lost as a whole', () => {
    const test = zones([4, 20])
    crashAt(test, 100, test.nodes.slice(0, 6))
    test.cluster.runTo(1000)
    expect(spans(test, test.nodes.slice(0, 4))).toEqual([0, 10, 20, 30])
    expect(spans(test, test.nodes.slice(4, 6))).toEqual([0, 10])
  })

  it('is one in 100 s in a large zone of which 55 % are lost', () => {
    const test = zones([60, 1])
    const lost = test.nodes.slice(0, 40)
    crashAt(test, 100, lost)
    test.cluster.runTo(1160)
    const found = spans(test, lost)
    expect(found.length).toBeGreaterThanOrEqual(10)
    expect(found.length).toBeLessThanOrEqual(12)
    expect(found.slice(3).map((span, i) => span - (found[i + 2] ?? 0))).toEqual(found.slice(3).map(() => 100))
  })

  it('stops in a small zone of which 55 % are lost', () => {
    const test = zones([20, 1])
    const lost = test.nodes.slice(0, 12)
    crashAt(test, 100, lost)
    test.cluster.runTo(2000)
    // A few may be tainted while the others are not noticed yet.
    expect(spans(test, lost).length).toBeLessThanOrEqual(2)
    expect(lost.every((row) => test.cluster.taints(row).includes(NO_SCHEDULE))).toBe(true)
    // Back to normal: the rest follow at the full rate.
    restoreAt(test, 2000, lost.slice(0, 4))
    test.cluster.runTo(3000)
    expect(lost.slice(4).every((row) => test.cluster.taints(row).includes(NO_EXECUTE))).toBe(true)
    expect(lost.slice(0, 4).flatMap((row) => test.cluster.taints(row))).toEqual([])
  })
})

describe('a cluster that is lost as a whole', () => {
  it('is taken as a fault of the control plane: nobody keeps a NoExecute taint', () => {
    for (const sizes of [[1], [4], [3, 3]]) {
      const test = zones(sizes)
      crashAt(test, 100, test.nodes)
      test.cluster.runTo(10_000)
      expect(test.nodes.map((row) => test.cluster.taints(row))).toEqual(test.nodes.map(() => [NO_SCHEDULE]))
    }
  })

  it('begins to taint again when the first node is back, 10 s after it is seen', () => {
    const test = zones([4, 4])
    crashAt(test, 100, test.nodes)
    restoreAt(test, 1001, test.nodes.slice(0, 1))
    test.cluster.runTo(2000)
    const tainted = test.nodes.map((row) => taintedAt(test, row, NO_EXECUTE))
    const late = tainted
      .filter((second) => (second ?? 0) > 1000)
      .sort((one, other) => (one ?? 0) - (other ?? 0))
    // Three of the first zone, which is partly disrupted and small, wait; four of the second go at the full
    // rate.
    expect(late).toEqual([1015, 1025, 1035, 1045])
    expect(test.cluster.taints(test.nodes[0] ?? (0 as NodeRow))).toEqual([])
  })
})

it('counts a node of which nobody ever posted a status as what its machine is', () => {
  const cluster = new TestCluster()
  new NodeLifecycle(cluster.sim, cluster.api, cluster.machines)
  for (const name of ['a', 'b', 'c', 'd']) cluster.api.nodes.create({ metadata: { name } })
  const row = cluster.api.nodeRows.everRowOf('a')
  cluster.at(100, () => cluster.machines.crash(row, 'test'))
  cluster.runTo(200)
  expect([cluster.condition(row, 'Ready'), cluster.taints(row)]).toEqual([
    'Unknown',
    [NO_SCHEDULE, NO_EXECUTE],
  ])
})
