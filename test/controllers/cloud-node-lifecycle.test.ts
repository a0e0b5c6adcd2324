import { describe, expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { CloudNodeLifecycle } from '../../src/controllers/cloud-node-lifecycle.ts'
import { NodeLifecycle } from '../../src/controllers/node-lifecycle.ts'
import { startPodGarbageCollector } from '../../src/controllers/pod-garbage-collector.ts'
import { TestCluster } from '../node/test-cluster.ts'

interface Watched {
  readonly cluster: TestCluster
  readonly cloud: CloudNodeLifecycle
  readonly nodes: readonly NodeRow[]
  readonly pod: PodRow
}

/** Ten nodes of a cloud, the first with a pod. */
function watched(): Watched {
  const cluster = new TestCluster()
  new NodeLifecycle(cluster.sim, cluster.api, cluster.machines)
  const cloud = new CloudNodeLifecycle(cluster.sim, cluster.api, cluster.machines)
  startPodGarbageCollector(cluster.sim, cluster.api)
  const nodes = Array.from({ length: 10 }, (_, index) => cluster.addNode(`n${index}`))
  const pod = cluster.createPod({ node: nodes[0] as NodeRow })
  return { cluster, cloud, nodes, pod }
}

function deletedAt(cluster: TestCluster, name: string, until: number): number | undefined {
  let at: number | undefined
  cluster.api.watch({
    name: 'test/deleted',
    kinds: ['Node'],
    onObject: ({ key, verb }) => {
      if (verb === 'DELETED' && key === name) at = cluster.sim.now / SECOND
    },
  })
  cluster.runTo(until)
  return at
}

describe("the cloud's node lifecycle controller", () => {
  it('deletes the Node of an instance that is gone once it is not Ready; then its pods are collected', () => {
    const { cluster, nodes, pod } = watched()
    cluster.at(102, () => cluster.machines.terminate(nodes[0] as NodeRow, 'test'))
    const at = deletedAt(cluster, 'n0', 1000) ?? 0
    // Unknown at 145 to 155, and looked at within 5 s.
    expect(at).toBeGreaterThanOrEqual(145)
    expect(at).toBeLessThan(160)
    expect(cluster.state(pod)).toBe('gone')
    // A look of the collector every 20 s, and 40 s of quarantine.
    expect(cluster.seconds('finishedAt', pod)).toBe(Math.ceil(at / 20) * 20 + 40)
    expect(cluster.sim.pending).toBe(0)
  })

  it('leaves alone a machine that is only down, and the taints of one that crashed', () => {
    const { cluster, nodes } = watched()
    cluster.at(102, () => cluster.machines.crash(nodes[0] as NodeRow, 'node-crash/1'))
    cluster.runTo(1000)
    expect(cluster.taints(nodes[0] as NodeRow)).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute'])
  })

  it('taints a node whose instance somebody shut down, until it is Ready again', () => {
    const { cluster, nodes } = watched()
    const row = nodes[0] as NodeRow
    cluster.at(102, () => cluster.machines.crash(row, 'maintenance/1'))
    cluster.runTo(300)
    expect(cluster.taints(row)).toContain('node.cloudprovider.kubernetes.io/shutdown:NoSchedule')
    cluster.at(301, () => cluster.machines.restore(row, 'maintenance/1'))
    cluster.runTo(301)
    expect(cluster.taints(row)).toContain('node.cloudprovider.kubernetes.io/shutdown:NoSchedule')
    cluster.runTo(306)
    expect(cluster.taints(row)).toEqual([])
    expect(cluster.sim.pending).toBe(0)
  })

  it('finds nothing while paused, and looks at once afterwards', () => {
    const { cluster, cloud, nodes } = watched()
    cluster.at(102, () => cluster.machines.terminate(nodes[0] as NodeRow, 'test'))
    cluster.at(110, () => cloud.setPaused(true))
    cluster.at(333, () => cloud.setPaused(false))
    expect(deletedAt(cluster, 'n0', 1000)).toBe(333)
  })
})
