import { describe, expect, it } from 'vitest'
import type { Taint, Toleration } from '../../src/api/types.generated.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { TaintEviction } from '../../src/controllers/taint-eviction.ts'
import { TestCluster } from '../node/test-cluster.ts'

const LOST: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }
const MAINTENANCE: Taint = { key: 'maintenance', effect: 'NoExecute' }

function tolerate(taint: Taint, tolerationSeconds?: number): Toleration {
  const toleration = { key: taint.key, operator: 'Exists', effect: taint.effect }
  return tolerationSeconds === undefined ? toleration : { ...toleration, tolerationSeconds }
}

interface Watched {
  readonly cluster: TestCluster
  readonly eviction: TaintEviction
  readonly node: NodeRow
  readonly other: NodeRow
  readonly setTaints: (second: number, taints: readonly Taint[]) => void
  /** When the pod's deletion was asked for, in seconds; -1 if it was not. */
  readonly deletingAt: (pod: PodRow) => number
}

function watched(): Watched {
  const cluster = new TestCluster()
  const eviction = new TaintEviction(cluster.sim, cluster.api)
  const [node, other] = [cluster.addNode('n0'), cluster.addNode('n1')]
  const setTaints = (second: number, taints: readonly Taint[]): void =>
    cluster.at(second, () => void cluster.api.nodes.update({ ...cluster.node(node), spec: { taints } }))
  return {
    cluster,
    eviction,
    node,
    other,
    setTaints,
    deletingAt: (pod) => cluster.seconds('deletingAt', pod),
  }
}

describe('the taint eviction controller', () => {
  it('evicts at once, after the toleration, or never', () => {
    const { cluster, node, other, setTaints, deletingAt } = watched()
    const pods = [
      cluster.createPod({ node }),
      cluster.createPod({ node, spec: { tolerations: [tolerate(MAINTENANCE, 60)] } }),
      cluster.createPod({ node, spec: { tolerations: [tolerate(MAINTENANCE)] } }),
      cluster.createPod({ node, spec: { tolerations: [tolerate(MAINTENANCE, 30), tolerate(MAINTENANCE)] } }),
      cluster.createPod({ node, spec: { tolerations: [tolerate(MAINTENANCE, 0)] } }),
      cluster.createPod({ node: other }),
    ]
    setTaints(100, [MAINTENANCE])
    cluster.runTo(1000)
    expect(pods.map(deletingAt)).toEqual([100, 160, -1, 130, 100, -1])
    expect(cluster.api.pods.table.reason(pods[1] as PodRow)).toBe('TaintManagerEviction')
  })

  it('leaves five minutes by default on a node that is lost', () => {
    const { cluster, node, setTaints, deletingAt } = watched()
    const pod = cluster.createPod({ node })
    setTaints(100, [LOST])
    cluster.runTo(1000)
    expect(deletingAt(pod)).toBe(400)
  })

  it('calls it off when the taint goes, and begins anew when it comes back', () => {
    const { cluster, node, setTaints, deletingAt } = watched()
    const pod = cluster.createPod({ node })
    setTaints(100, [LOST])
    setTaints(399, [])
    setTaints(500, [LOST])
    cluster.runTo(799)
    expect(deletingAt(pod)).toBe(-1)
    cluster.runTo(1000)
    expect(deletingAt(pod)).toBe(800)
  })

  it('does not restart a time that runs when another taint comes, unless nothing tolerates it', () => {
    const { cluster, node, setTaints, deletingAt } = watched()
    const tolerations = [tolerate(LOST, 300), tolerate(MAINTENANCE, 200)]
    const [both, one] = [cluster.createPod({ node, spec: { tolerations } }), cluster.createPod({ node })]
    setTaints(100, [LOST])
    setTaints(150, [LOST, MAINTENANCE])
    cluster.runTo(1000)
    expect([deletingAt(both), deletingAt(one)]).toEqual([400, 150])
  })

  it('judges a pod that is bound to a tainted node', () => {
    const { cluster, node, setTaints, deletingAt } = watched()
    const pod = cluster.createPod({})
    setTaints(100, [LOST])
    cluster.at(150, () => cluster.api.pods.bind(pod, node, 0))
    cluster.runTo(1000)
    expect(deletingAt(pod)).toBe(450)
  })

  it('evicts nobody while paused, and starts all times anew afterwards, whenever the taint came', () => {
    const { cluster, eviction, node, setTaints, deletingAt } = watched()
    const tolerations = [tolerate(MAINTENANCE, 100)]
    const spec = { tolerations }
    const [before, bound] = [cluster.createPod({ node, spec }), cluster.createPod({ spec })]
    const intolerant = cluster.createPod({})
    setTaints(100, [MAINTENANCE])
    cluster.at(150, () => eviction.setPaused(true))
    cluster.at(160, () => cluster.api.pods.bind(bound, node, 0))
    cluster.at(170, () => cluster.api.pods.bind(intolerant, node, 0))
    cluster.at(300, () => eviction.setPaused(false))
    cluster.runTo(1000)
    expect([before, bound, intolerant].map(deletingAt)).toEqual([400, 400, 300])
    expect(cluster.sim.pending).toBe(0)
  })

  it('forgets a taint that went while it was paused', () => {
    const { cluster, eviction, node, setTaints, deletingAt } = watched()
    const pod = cluster.createPod({ node })
    setTaints(100, [LOST])
    cluster.at(150, () => eviction.setPaused(true))
    setTaints(160, [])
    cluster.at(170, () => eviction.setPaused(false))
    cluster.runTo(1000)
    expect(deletingAt(pod)).toBe(-1)
  })

  it('evicts in time although the node is deleted meanwhile', () => {
    const { cluster, node, setTaints, deletingAt } = watched()
    const pod = cluster.createPod({ node })
    setTaints(100, [LOST])
    cluster.at(150, () => void cluster.api.nodes.delete('n0'))
    cluster.runTo(1000)
    expect(deletingAt(pod)).toBe(400)
  })

  it('forgets pods that end by themselves, and never touches the pod that has their row later', () => {
    const { cluster, node, other, setTaints } = watched()
    cluster.createPod({ node, duration: 200 })
    setTaints(100, [LOST])
    cluster.runTo(200)
    expect(cluster.sim.pending).toBe(0)
    const later = cluster.createPod({ node: other, duration: 10_000 })
    cluster.runTo(5000)
    expect(cluster.state(later)).toBe('Running')
  })
})
