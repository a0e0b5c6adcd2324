import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { withCondition } from '../../src/node/node-conditions.ts'
import { TestCluster } from '../node/test-cluster.ts'

/** What happens to a node at a time. */
const step = fc.record({
  second: fc.integer({ min: 100, max: 1500 }).map((half) => half / 2 + 0.3),
  node: fc.integer({ min: 0, max: 7 }),
  does: fc.constantFrom('crash', 'restore', 'cutOff', 'reconnect', 'False', 'True', 'move'),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Changes of eight nodes in two zones, as `second node ready taints`; `isPoked`: something changes at every tick besides. */
function changesOf(
  steps: readonly Step[],
  isPoked: boolean,
): { readonly changes: readonly string[]; readonly executed: number } {
  const cluster = new TestCluster()
  new NodeLifecycle(cluster.sim, cluster.api, cluster.machines, { evictionRate: 0.5 })
  const nodes = Array.from({ length: 8 }, (_, i) => cluster.addNode(`n${i}`, { zone: `z${i % 2}` }))
  const poked = cluster.addNode('poked', { zone: 'poked' })
  const changes: string[] = []
  cluster.api.watch({
    name: 'test/changes',
    kinds: ['Node'],
    onObject: ({ key }) => {
      const row = cluster.api.nodeRows.everRowOf(key)
      if (row === poked) return
      const { now } = cluster.sim
      const line = `${now / SECOND} ${key} ${cluster.condition(row, 'Ready')} ${cluster.taints(row).join()}`
      if (changes.at(-1) !== line) changes.push(line)
    },
  })
  const update = (row: NodeRow, labels: Record<string, string>, ready?: string): void => {
    const node = cluster.node(row)
    const moved = { ...node, metadata: { ...node.metadata, labels: { ...node.metadata?.labels, ...labels } } }
    const condition = {
      type: 'Ready',
      status: ready ?? cluster.condition(row, 'Ready') ?? '',
      reason: 'test',
    }
    cluster.api.nodes.update(withCondition(moved, condition))
  }
  const excluded = { 'node.kubernetes.io/exclude-disruption': '' }
  cluster.at(1, () => update(poked, excluded))
  if (isPoked) {
    for (let second = 4; second < 2000; second += 5) {
      cluster.at(second, () => update(poked, {}, second % 2 === 0 ? 'False' : 'True'))
    }
  }
  for (const { second, node, does } of steps) {
    const row = nodes[node] as NodeRow
    cluster.at(second, () => {
      const { machines } = cluster
      if (does === 'crash') machines.begin(row, 'down', 'test')
      else if (does === 'restore') machines.end(row, 'down', 'test')
      else if (does === 'cutOff') machines.begin(row, 'cutOff', 'test')
      else if (does === 'reconnect') machines.end(row, 'cutOff', 'test')
      else if (does === 'move') update(row, { 'topology.kubernetes.io/zone': 'z2' })
      else update(row, {}, does)
    })
  }
  cluster.runTo(2000)
  return { changes, executed: cluster.sim.executed }
}

it('finds the same whether a tick runs when it has something to see, or always', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const sparse = changesOf(steps, false)
      const dense = changesOf(steps, true)
      expect(sparse.changes).toEqual(dense.changes)
      // A poke, its delivery and a tick, each five seconds.
      expect(dense.executed - sparse.executed).toBeGreaterThan(3 * 390)
    }),
    { numRuns: 150 },
  )
})
