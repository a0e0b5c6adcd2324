import { describe, expect, it } from 'vitest'
import type { Taint } from '../../src/api/types.generated.ts'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import type { NodeLifecycleOptions } from '../../src/controllers/node-lifecycle.ts'
import { withCondition } from '../../src/node/node-conditions.ts'
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
  readonly lifecycle: NodeLifecycle
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
  const lifecycle = new NodeLifecycle(cluster.sim, cluster.api, cluster.machines, settings)
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
  return { cluster, lifecycle, nodes, changes }
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

/** Posts the status that a kubelet would. */
function postAt({ cluster }: Watched, second: number, row: NodeRow, status: string): void {
  cluster.at(second, () => {
    const ready = { type: 'Ready', status, reason: 'test' }
    cluster.api.nodes.update(withCondition(cluster.node(row), ready))
  })
}

/** Writes other taints, or other labels. */
function patchAt(
  { cluster }: Watched,
  second: number,
  row: NodeRow,
  { taints, labels }: { readonly taints?: readonly Taint[]; readonly labels?: Record<string, string> },
): void {
  cluster.at(second, () => {
    const node = cluster.node(row)
    cluster.api.nodes.update({
      ...node,
      metadata: { ...node.metadata, ...(labels === undefined ? {} : { labels }) },
      ...(taints === undefined ? {} : { spec: { ...node.spec, taints } }),
    })
  })
}

describe('a node that does not report', () => {
  it('is Unknown whether it is down, cut off or hung, and keeps its taint until its kubelet says that it is ready', () => {
    for (const fault of ['down', 'cutOff', 'hung'] as const) {
      const test = zones([5])
      const [row = 0 as NodeRow] = test.nodes
      test.cluster.at(100, () => test.cluster.machines.begin(row, fault, 'test'))
      test.cluster.runTo(200)
      expect([test.cluster.condition(row, 'Ready'), test.cluster.taints(row)]).toEqual([
        'Unknown',
        [NO_SCHEDULE, NO_EXECUTE],
      ])
      test.cluster.at(303, () => test.cluster.machines.end(row, fault, 'test'))
      postAt(test, 304, row, 'True')
      test.cluster.runTo(400)
      expect(test.changes.get(row)?.at(-1)).toEqual({ second: 305, ready: 'True', taints: [] })
    }
  })

  it('counts from its last heartbeat before the first of several faults', () => {
    const test = zones([5])
    const [row = 0 as NodeRow] = test.nodes
    const { machines } = test.cluster
    test.cluster.at(100, () => machines.begin(row, 'cutOff', 'test'))
    test.cluster.at(120, () => machines.begin(row, 'hung', 'test'))
    test.cluster.at(125, () => machines.end(row, 'cutOff', 'test'))
    test.cluster.runTo(400)
    expect(test.changes.get(row)?.[0]?.second).toBeLessThanOrEqual(155)
  })

  it('has 60 s from its creation where it never posted a status', () => {
    const { cluster } = zones([5])
    cluster.at(102, () => {
      cluster.api.nodes.create({ metadata: { name: 'new' } })
      cluster.machines.begin(cluster.api.nodeRows.everRowOf('new'), 'hung', 'test')
    })
    cluster.runTo(164)
    const row = cluster.api.nodeRows.everRowOf('new')
    expect(cluster.condition(row, 'Ready')).toBeUndefined()
    cluster.runTo(165)
    expect(cluster.node(row).status?.conditions).toEqual([
      { type: 'Ready', status: 'Unknown', reason: 'NodeStatusNeverUpdated' },
    ])
  })
})

describe('a node that says that it is not ready', () => {
  const NOT_READY = ['not-ready:NoSchedule', 'not-ready:NoExecute']

  it('is tainted through the queue of its zone, with those that are unreachable', () => {
    const test = zones([20])
    const lost = test.nodes.slice(0, 3)
    for (const row of lost) postAt(test, 101, row, 'False')
    test.cluster.runTo(1000)
    const at = lost.map((row) => taintedAt(test, row, 'not-ready:NoExecute') ?? 0)
    expect(at.sort((one, other) => one - other)).toEqual([105, 115, 125])
    expect(test.cluster.taints(lost[0] ?? (0 as NodeRow))).toEqual(NOT_READY)
  })

  it('swaps its taint at once when its state changes, without a turn in the queue', () => {
    const test = zones([20])
    const [row = 0 as NodeRow] = test.nodes
    postAt(test, 101, row, 'False')
    crashAt(test, 200, [row])
    postAt(test, 401, row, 'False')
    postAt(test, 502, row, 'True')
    test.cluster.runTo(600)
    const list = (test.changes.get(row) ?? []).map(({ second, taints }) => [second, taints.join()])
    const unknownAt = test.changes.get(row)?.find(({ ready }) => ready === 'Unknown')?.second ?? 0
    expect(list).toEqual([
      [101, 'not-ready:NoSchedule'],
      [105, NOT_READY.join()],
      [unknownAt, 'not-ready:NoExecute,unreachable:NoSchedule'],
      [unknownAt + 5, 'unreachable:NoSchedule,unreachable:NoExecute'],
      [401, 'unreachable:NoExecute,not-ready:NoSchedule'],
      [405, NOT_READY.join()],
      // Its machine is still down: nobody has heard of it since the status that it posted.
      [455, 'not-ready:NoExecute,unreachable:NoSchedule'],
      [460, 'unreachable:NoSchedule,unreachable:NoExecute'],
      [502, 'unreachable:NoExecute'],
      [505, ''],
      [555, 'unreachable:NoSchedule'],
      [560, 'unreachable:NoSchedule,unreachable:NoExecute'],
    ])
  })

  it('leaves its pods ready, which its kubelet looks after; even when it falls silent later', () => {
    const test = zones([5])
    const [row = 0 as NodeRow] = test.nodes
    const pod = test.cluster.createPod({ node: row })
    postAt(test, 101, row, 'False')
    test.cluster.runTo(150)
    test.cluster.at(150, () => test.cluster.machines.begin(row, 'cutOff', 'test'))
    test.cluster.runTo(300)
    expect(test.cluster.condition(row, 'Ready')).toBe('Unknown')
    expect(test.cluster.api.pods.table.isReady(pod)).toBe(true)
  })
})

describe('what others do to a node', () => {
  it('is undone: a taint that is taken away comes back, one that is not meant goes', () => {
    const test = zones([10])
    const [lost = 0 as NodeRow, well = 0 as NodeRow] = test.nodes
    postAt(test, 101, lost, 'False')
    patchAt(test, 201, lost, { taints: [] })
    patchAt(test, 301, well, { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }] })
    test.cluster.runTo(400)
    expect(test.changes.get(lost)?.slice(-2)).toEqual([
      { second: 201, ready: 'False', taints: ['not-ready:NoSchedule'] },
      { second: 205, ready: 'False', taints: ['not-ready:NoSchedule', 'not-ready:NoExecute'] },
    ])
    expect(test.changes.get(well)).toEqual([
      { second: 301, ready: 'True', taints: ['not-ready:NoExecute'] },
      { second: 305, ready: 'True', taints: [] },
    ])
  })

  it('may exclude it from the state of its zone: one node that is ready does not hold up the doubt', () => {
    const test = zones([4])
    const [first = 0 as NodeRow, ...others] = test.nodes
    const labels = { 'topology.kubernetes.io/zone': 'z0', 'node.kubernetes.io/exclude-disruption': '' }
    patchAt(test, 50, first, { labels })
    crashAt(test, 100, others)
    test.cluster.runTo(1000)
    expect(others.flatMap((row) => test.cluster.taints(row))).toEqual(others.map(() => NO_SCHEDULE))
  })

  it('may move it to another zone, where it waits anew; its place in the old one uses up a token', () => {
    const test = zones([20, 20], { evictionRate: 0.01 })
    const lost = test.nodes.slice(0, 2)
    for (const row of lost) postAt(test, 101, row, 'False')
    test.cluster.runTo(110)
    const moved = lost.find((row) => test.cluster.taints(row).length === 1) ?? (0 as NodeRow)
    patchAt(test, 121, moved, { labels: { 'topology.kubernetes.io/zone': 'z1' } })
    const [third = 0 as NodeRow] = test.nodes.slice(2)
    postAt(test, 131, third, 'False')
    test.cluster.runTo(1000)
    expect(taintedAt(test, moved, 'not-ready:NoExecute')).toBe(125)
    expect(taintedAt(test, third, 'not-ready:NoExecute')).toBe(305)
  })

  it('gives a cordoned node its taint, whoever cordoned it', () => {
    const test = zones([2])
    const [row = 0 as NodeRow] = test.nodes
    test.cluster.at(100, () => {
      test.cluster.api.nodes.update({ ...test.cluster.node(row), spec: { unschedulable: true } })
    })
    test.cluster.runTo(100)
    expect(test.cluster.taints(row)).toEqual(['unschedulable:NoSchedule'])
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

it('gives nodes that are not Unknown yet their whole grace period again when the first node of a lost cluster is back', () => {
  const test = zones([3, 3])
  const [first = 0 as NodeRow, second = 0 as NodeRow, ...others] = test.nodes
  crashAt(test, 100, [first, ...others])
  // Cut off so late that the cluster is lost by what the other nodes say themselves.
  postAt(test, 170, second, 'False')
  test.cluster.at(178, () => test.cluster.machines.begin(second, 'cutOff', 'test'))
  restoreAt(test, 203, [first])
  test.cluster.runTo(1000)
  const unknownAt = test.changes.get(second)?.find(({ ready }) => ready === 'Unknown')?.second
  // The first node is seen to be back at 205.
  expect(unknownAt).toBe(255)
})

describe('a new leader', () => {
  it('begins anew: the NoExecute taints go, and come back at the rate of the zone', () => {
    const test = zones([20])
    const lost = test.nodes.slice(0, 3)
    crashAt(test, 100, lost)
    test.cluster.at(300, () => test.lifecycle.setPaused(true))
    test.cluster.at(333, () => test.lifecycle.setPaused(false))
    test.cluster.runTo(332)
    expect(lost.every((row) => test.cluster.taints(row).includes(NO_EXECUTE))).toBe(true)
    test.cluster.runTo(1000)
    const back = lost.map((row) => {
      const later = test.changes.get(row)?.filter(({ second }) => second > 300) ?? []
      return later.find(({ taints }) => taints.includes(NO_EXECUTE))?.second ?? 0
    })
    // One token is there at once, in the instant in which the taints went.
    expect(back.sort((one, other) => one - other)).toEqual([333, 343, 353])
    const gone = lost.filter((row) =>
      test.changes.get(row)?.some(({ second, taints }) => second === 333 && !taints.includes(NO_EXECUTE)),
    )
    expect(gone.length).toBe(2)
  })

  it('sees nothing meanwhile, and gives every silent node its whole grace period, by ticks of its own', () => {
    const test = zones([5])
    const [row = 0 as NodeRow, other = 0 as NodeRow] = test.nodes
    crashAt(test, 100, [row])
    test.cluster.at(120, () => test.lifecycle.setPaused(true))
    crashAt(test, 130, [other])
    restoreAt(test, 190, [other])
    postAt(test, 195, test.nodes[2] ?? row, 'False')
    test.cluster.at(203, () => test.lifecycle.setPaused(false))
    test.cluster.runTo(400)
    expect(test.changes.get(row)?.map(({ second }) => second)).toEqual([253, 258])
    expect(test.changes.get(other)).toEqual([])
    expect(test.changes.get(test.nodes[2] ?? row)?.map(({ second, taints }) => [second, taints])).toEqual([
      [195, []],
      [203, ['not-ready:NoSchedule', 'not-ready:NoExecute']],
    ])
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
