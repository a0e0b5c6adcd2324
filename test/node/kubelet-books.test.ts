import { expect, it } from 'vitest'
import { RandomStream } from '../../src/base/random.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { TestCluster } from './test-cluster.ts'

/** More than the kubelets have rows for at first, of both. */
const NODES = 300
const PODS = 3000
const ROUNDS = 60

it('keeps lists and sums of the pods of each node through failures, deletions and evictions', () => {
  const cluster = new TestCluster({ kubelet: { startup: () => 2e6, stop: () => 3e6 } })
  const random = new RandomStream('books')
  const nodes = Array.from({ length: NODES }, (_, index) => cluster.addNode(`n${index}`))
  const someNode = (): NodeRow => nodes[random.integer(NODES)] as NodeRow
  const { api, kubelets, machines } = cluster
  const { table } = api.pods
  let evictions = 0
  for (let round = 1; round <= ROUNDS; round++) {
    for (let i = 0; i < PODS / ROUNDS; i++) {
      const duration = random.integer(2) === 0 ? {} : { duration: random.integer(60) + 1 }
      const size = { cpu: random.integer(100), memory: random.integer(1000) + 1 }
      cluster.createPod({ node: someNode(), ...size, ...duration })
    }
    for (let i = 0; i < 10; i++) {
      const node = someNode()
      if (random.integer(2) === 0) machines.crash(node, 'test')
      else machines.restore(node, 'test')
      const [pod] = kubelets.runningOn(someNode())
      if (pod !== undefined) kubelets.evict(pod, random.integer(4) * 1e6)
      if (pod !== undefined) evictions += 1
      const deleted = random.integer(table.rowsUsed) as PodRow
      if (table.serial(deleted) === 0 || api.pods.isRemoved(deleted)) continue
      api.pods.requestDeletion(deleted, { grace: random.integer(3) * 1e6, reason: 'Test' })
    }
    cluster.runTo(round * 1.5)
    checkBooks(cluster, nodes)
  }
  expect(evictions).toBeGreaterThan(100)
  expect(table.rowsUsed).toBeGreaterThan(1024)
})

/** What runs on each node is what the store says of its pods, but for those whose containers were told to end. */
function checkBooks({ api, kubelets, machines }: TestCluster, nodes: readonly NodeRow[]): void {
  const { pods } = api
  const runningOn = new Map(nodes.map((node): [NodeRow, Set<PodRow>] => [node, new Set()]))
  for (const pod of pods.table.stored()) {
    if (pods.table.runningAt(pod) === -1 || pods.isFinished(pod)) continue
    runningOn.get(pods.table.node(pod))?.add(pod)
  }
  for (const node of nodes) {
    const listed = kubelets.runningOn(node)
    const serials = listed.map((pod) => pods.table.serial(pod))
    const stored = runningOn.get(node) ?? new Set()
    expect(listed.every((pod) => stored.has(pod))).toBe(true)
    // They came in the order in which they were made.
    expect(serials).toEqual(serials.toSorted((one, other) => one - other))
    const inUse = [...stored].filter((pod) => kubelets.memoryOf(pod) > 0)
    const memory = inUse.reduce((sum, pod) => sum + kubelets.memoryOf(pod), 0)
    const cpu = inUse.reduce((sum, pod) => sum + pods.table.cpu(pod), 0)
    expect([kubelets.workingSet(node), kubelets.runningCpu(node)]).toEqual([memory, cpu])
    if (!machines.isUp(node)) {
      expect([listed, kubelets.workingSet(node), kubelets.runningCpu(node)]).toEqual([[], 0, 0])
    }
  }
}
