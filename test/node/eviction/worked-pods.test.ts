import { describe, expect, it } from 'vitest'
import type { Eviction } from '../../../src/node/eviction/manager.ts'
import { fullImageName } from '../../../src/node/images/image-name.ts'
import type { OomKill } from '../../../src/node/oom-killer.ts'
import { LifecycleCluster } from '../lifecycle/lifecycle-cluster.ts'

const GB = 10 ** 9

function withEvictions(options: ConstructorParameters<typeof LifecycleCluster>[0]) {
  const cluster = new LifecycleCluster(options)
  const evictions: Eviction[] = []
  const kills: OomKill[] = []
  cluster.eviction?.observe((one) => evictions.push(one))
  cluster.oom?.observe((one) => kills.push(one))
  return { cluster, evictions, kills }
}

const asking = (name: string, memory: string) => ({ name, resources: { requests: { cpu: '1m', memory } } })

describe('pods of several containers on a node that runs short', () => {
  it('lose the container that is worst to the kernel; the others run on', () => {
    const { cluster, kills } = withEvictions({ kernel: true, memory: '16Gi' })
    const pod = cluster.pod(
      { containers: [asking('asks', '6Gi'), { name: 'takes' }] },
      { 'memory.asks': '6Gi', 'memory.takes': '0s=1Gi,1m=4Gi,5m=1Gi' },
    )
    cluster.pod({ containers: [asking('app', '7Gi')] }, { memory: '7Gi' })
    cluster.runTo(59)
    expect(kills).toEqual([])
    cluster.runTo(61)
    expect(kills).toEqual([{ pod, node: cluster.node0, of: 'node' }])
    expect(cluster.status(pod, 'takes')?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    })
    expect(cluster.status(pod, 'asks')?.restartCount).toBe(0)
  })

  it('are blamed by container, and end as a whole', () => {
    const { cluster, evictions } = withEvictions({
      eviction: { evictionHard: { 'memory.available': '2Gi' } },
      memory: '16Gi',
    })
    const pod = cluster.pod(
      { containers: [asking('asks', '6Gi'), asking('takes', '1Gi')] },
      { 'memory.asks': '6Gi', 'memory.takes': '0s=1Gi,1m=9Gi' },
    )
    cluster.runTo(80)
    expect(evictions.map(({ message }) => message)).toEqual([
      'The node was low on resource: memory. Threshold quantity: 2Gi, available: 1Gi. ' +
        'Container takes was using 9Gi, request is 1Gi, has larger consumption of memory. ',
    ])
    expect(cluster.state(pod)).toBe('Failed Evicted')
    expect(cluster.podCondition(pod, 'DisruptionTarget')?.reason).toBe('TerminationByKubelet')
  })

  it('are evicted for the disk that their containers come to use', () => {
    const { cluster, evictions } = withEvictions({ eviction: {}, disk: '100G' })
    const limited = { name: 'app', resources: { limits: { 'ephemeral-storage': '5G' } } }
    const small = cluster.pod({ containers: [limited] }, { disk: '0s=1G,1m=6G' })
    const large = cluster.pod({}, { disk: '0s=50G,2m=95G' })
    cluster.runTo(59)
    expect(evictions).toEqual([])
    cluster.runTo(75)
    expect(evictions.map(({ pod, signal }) => [pod, signal])).toEqual([[small, undefined]])
    cluster.runTo(140)
    expect(evictions.map(({ pod, signal }) => [pod, signal]).slice(1)).toEqual([[large, 'imagefs.available']])
  })

  it('are spared when unused images give enough back', () => {
    const sizes = new Map([
      [fullImageName('old'), 40 * GB],
      [fullImageName('new'), GB],
    ])
    const lifecycle = { images: { latency: 0, bandwidth: 1000 * GB, sizes, highPercent: 100 } }
    const { cluster, evictions } = withEvictions({ eviction: {}, disk: '100G', kubelet: { lifecycle } })
    cluster.pod({ containers: [{ name: 'app', image: 'old' }], restartPolicy: 'Never' }, { duration: '20s' })
    cluster.runTo(30)
    cluster.pod({ containers: [{ name: 'app', image: 'new' }] }, { disk: '0s=1G,1m=55G' })
    cluster.runTo(85)
    expect(cluster.kubelets.workers.images?.bytesOn(cluster.node0)).toBe(41 * GB)
    cluster.runTo(120)
    expect(cluster.kubelets.workers.images?.bytesOn(cluster.node0)).toBe(GB)
    expect(evictions).toEqual([])
    expect(cluster.condition(cluster.node0, 'DiskPressure')).toBe('True')
  })
})
