import { describe, expect, it } from 'vitest'

import { SECOND } from '../../../src/base/time.ts'
import type { NodeRow } from '../../../src/cluster/rows.ts'
import { ApiServers } from '../../../src/failure/control-plane/api-servers.ts'
import { KubeletConnections } from '../../../src/failure/control-plane/kubelet-connections.ts'
import { TestCluster } from '../../node/test-cluster.ts'

function connected(nodes: number) {
  const cluster = new TestCluster()
  const rows = Array.from({ length: nodes }, (_, i) => cluster.addNode(`n${i}`))
  const servers = new ApiServers(cluster.sim, cluster.api.availability, 3)
  new KubeletConnections(cluster.sim, cluster.api, cluster.machines, servers)
  /** Seconds for which each node was cut off, by row. */
  const cuts = new Map<NodeRow, number>()
  const since = new Map<NodeRow, number>()
  cluster.machines.observe(({ row, fault, up, at }) => {
    if (fault !== 'cutOff') return
    if (!up) since.set(row, at)
    else cuts.set(row, (at - (since.get(row) ?? 0)) / SECOND)
  })
  return { cluster, rows, servers, cuts }
}

describe('kubelets of an API server that goes down', () => {
  it('find another after a first back-off when their connections end', () => {
    const { cluster, servers, cuts } = connected(300)
    cluster.at(100, () => servers.stop([1]))
    cluster.runTo(200)
    // A third of them, by chance.
    expect(cuts.size).toBeGreaterThan(70)
    expect(cuts.size).toBeLessThan(130)
    expect(Math.min(...cuts.values())).toBeGreaterThanOrEqual(0.8)
    expect(Math.max(...cuts.values())).toBeLessThanOrEqual(1.6)
    expect(cluster.api.availability.takesWrites).toBe(true)
  })

  it('do not notice for 45 s when nothing more comes', () => {
    const { cluster, servers, cuts } = connected(300)
    cluster.at(100, () => servers.stop([1], 'silent'))
    cluster.runTo(200)
    expect(Math.min(...cuts.values())).toBeGreaterThanOrEqual(45.8)
    expect(Math.max(...cuts.values())).toBeLessThanOrEqual(46.6)
  })

  it('stay with the server that they have found', () => {
    const { cluster, rows, servers, cuts } = connected(90)
    cluster.at(100, () => servers.stop([0]))
    cluster.at(110, () => servers.start([0]))
    cluster.at(120, () => {
      cuts.clear()
      servers.stop([0])
    })
    cluster.runTo(200)
    expect(cuts.size).toBe(0)
    cluster.at(210, () => servers.stop([1]))
    cluster.at(220, () => cuts.clear())
    cluster.at(230, () => servers.start([0]))
    cluster.at(240, () => servers.stop([2]))
    cluster.runTo(300)
    expect(cuts.size).toBe(rows.length)
  })

  it('are all with the servers that come back first after none ran', () => {
    const { cluster, rows, servers, cuts } = connected(90)
    cluster.at(100, () => servers.stop([0, 1, 2]))
    cluster.at(200, () => servers.start([1]))
    cluster.at(300, () => servers.start([0, 2]))
    cluster.at(400, () => servers.stop([0]))
    cluster.runTo(450)
    expect(cuts.size).toBe(0)
    cluster.at(500, () => servers.stop([1]))
    cluster.runTo(600)
    expect(cuts.size).toBe(rows.length)
  })

  it('are with none that was down as they joined', () => {
    const { cluster, servers, cuts } = connected(0)
    cluster.at(100, () => servers.stop([0]))
    cluster.at(200, () => void Array.from({ length: 90 }, (_, index) => cluster.addNode(`late${index}`)))
    cluster.at(300, () => servers.stop([1]))
    cluster.runTo(350)
    const moved = cuts.size
    cluster.at(400, () => servers.start([0, 1]))
    cluster.at(500, () => servers.stop([2]))
    cluster.runTo(600)
    expect(moved).toBeGreaterThan(25)
    // Those that moved, and those that were there before.
    expect(cuts.size).toBe(90)
  })
})
