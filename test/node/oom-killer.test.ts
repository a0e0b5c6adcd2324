import { describe, expect, it } from 'vitest'
import type { PodRow } from '../../src/cluster/rows.ts'
import type { OomKill } from '../../src/node/oom-killer.ts'
import { GIB, TestCluster } from './test-cluster.ts'
import type { TestEviction } from './test-cluster.ts'

/** One node of 16 GiB with a kernel that kills, and all that it kills. */
function watched(options: { eviction?: TestEviction; allocatableMemory?: string } = {}) {
  const cluster = new TestCluster({
    kernel: true,
    ...(options.eviction === undefined ? {} : { eviction: options.eviction }),
  })
  const { allocatableMemory } = options
  const node = cluster.addNode('n0', allocatableMemory === undefined ? {} : { allocatableMemory })
  const kills: OomKill[] = []
  cluster.oom?.observe((kill) => kills.push(kill))
  const pod = (
    used: number,
    request: number,
    more: { limit?: number; restartPolicy?: 'Always' | 'Never' } = {},
  ): PodRow => {
    const { limit, restartPolicy = 'Never' } = more
    const resources = {
      ...(request === 0 ? {} : { requests: { cpu: '1m', memory: String(request * GIB) } }),
      ...(limit === undefined ? {} : { limits: { cpu: '1m', memory: String(limit * GIB) } }),
    }
    const spec = { containers: [{ name: 'main', resources }], restartPolicy }
    return cluster.createPod({ node, sizing: 'template', usedMemory: used * GIB, spec })
  }
  return { cluster, node, kills, pod }
}

describe('the kernel of a node', () => {
  it('kills at once when memory runs out: best effort first, then by usage above the request', () => {
    const { cluster, kills, pod } = watched()
    const guaranteed = pod(6, 6, { limit: 6 })
    const bestEffort = pod(1, 0)
    const burstable = pod(7, 7)
    cluster.runTo(1)
    expect(kills).toEqual([])
    const large = pod(3, 3)
    cluster.runTo(2)
    expect(kills.map(({ pod: killed, of }) => [killed, of])).toEqual([[bestEffort, 'node']])
    const last = pod(4, 0)
    cluster.runTo(3)
    expect(kills.map(({ pod: killed }) => killed)).toEqual([bestEffort, last])
    const states = [guaranteed, burstable, large].map((row) => cluster.state(row))
    expect(states).toEqual(['Running', 'Running', 'Running'])
    expect(cluster.state(last)).toBe('Failed OOMKilled')
  })

  it('kills before the eviction manager looks, which then has nobody to evict', () => {
    const evictions: PodRow[] = []
    const { cluster, kills, pod } = watched({ eviction: {} })
    cluster.eviction?.observe((eviction) => evictions.push(eviction.pod))
    const hog = pod(20, 0)
    cluster.runTo(60)
    expect([kills.map((kill) => kill.pod), evictions]).toEqual([[hog], []])
  })

  it('leaves pods that come near the end of memory to the eviction manager', () => {
    const { cluster, kills, pod } = watched({ eviction: { evictionHard: { 'memory.available': '1Gi' } } })
    const hog = pod(15.5, 0)
    cluster.runTo(60)
    expect([kills, cluster.state(hog)]).toEqual([[], 'Failed Evicted'])
  })

  it('kills a pod above its limit, whatever the node has', () => {
    const { cluster, kills, pod } = watched()
    const above = pod(3, 1, { limit: 2 })
    const at = pod(2, 1, { limit: 2 })
    cluster.runTo(1)
    expect(kills).toMatchObject([{ pod: above, of: 'limit' }])
    expect([cluster.state(above), cluster.state(at)]).toEqual(['Failed OOMKilled', 'Running'])
  })

  it('starts pods again that are to be, later each time', () => {
    const { cluster, kills, pod } = watched()
    const above = pod(3, 1, { limit: 2, restartPolicy: 'Always' })
    const counts = [5, 15, 35, 75].map((second) => {
      cluster.runTo(second)
      return kills.length
    })
    expect(counts).toEqual([2, 3, 4, 5])
    expect(cluster.state(above)).toBe('Running')
  })

  it('holds pods to what they have been promised together', () => {
    const { cluster, kills, pod } = watched({ allocatableMemory: '8Gi' })
    const within = pod(6, 6)
    const above = pod(4, 1)
    cluster.runTo(1)
    expect(kills.map((kill) => kill.pod)).toEqual([above])
    expect(cluster.state(within)).toBe('Running')
  })
})
