import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/base/time.ts'
import { FaultyCluster } from './faulty-cluster.ts'

const DISK = { disk: '100G' }

describe('a disk that somebody fills', () => {
  it('brings DiskPressure, has pods evicted that use most of it, and lets go five minutes after there is room', () => {
    const cluster = new FaultyCluster({ ...DISK, eviction: {} })
    const [small, big] = [
      cluster.pod({}, { duration: '10h', disk: '1G' }),
      cluster.pod({}, { duration: '10h', disk: '8G' }),
    ]
    cluster.fail({ kind: 'diskFull', share: 0.83 }, 100, 600)
    cluster.runTo(99)
    expect(cluster.condition(cluster.node0, 'DiskPressure')).toBeUndefined()
    cluster.runTo(200)
    expect(cluster.condition(cluster.node0, 'DiskPressure')).toBe('True')
    expect([cluster.state(small), cluster.state(big)]).toEqual(['Running', 'Failed Evicted'])
    const refused = cluster.createPod({ node: cluster.node0 })
    cluster.runTo(400)
    expect([cluster.state(refused), cluster.condition(cluster.node0, 'DiskPressure')]).toEqual([
      'Failed Evicted',
      'True',
    ])
    cluster.runTo(440)
    expect(cluster.condition(cluster.node0, 'DiskPressure')).toBe('False')
    expect(cluster.state(small)).toBe('Running')
  })

  it('has unused images collected first, and pulls fail while there is no room', () => {
    const images = { defaultSize: 10_000_000_000, bandwidth: 10_000_000_000, latency: 0 }
    const cluster = new FaultyCluster({
      ...DISK,
      eviction: {},
      kubelet: { startup: () => 0, stop: () => 0, lifecycle: { images } },
    })
    const spec = (image: string) => ({ restartPolicy: 'Never', containers: [{ name: 'app', image }] })
    const done = cluster.pod(spec('old'), { duration: '10s' })
    const kept = cluster.pod(spec('new'), { duration: '1h' })
    cluster.fail({ kind: 'diskFull', share: 0.72 }, 100, 200)
    cluster.runTo(99)
    const names = (): readonly string[] => cluster.kubelets.workers.images?.namesOn(cluster.node0) ?? []
    expect([cluster.state(done), names().length]).toEqual(['Succeeded Completed', 2])
    cluster.runTo(130)
    expect([cluster.state(kept), names().length]).toEqual(['Running', 1])
    cluster.fail({ kind: 'diskFull', share: 0.85 }, 131, 190)
    cluster.runTo(132)
    const waiting = cluster.pod(spec('other'), { duration: '1h' })
    cluster.runTo(134)
    expect(cluster.state(waiting)).toMatch(/Pending|Failed Evicted/)
  })

  it('fails pulls for which it has no room, and they come through when it has', () => {
    const images = { defaultSize: 10_000_000_000, bandwidth: 10_000_000_000, latency: 0 }
    const cluster = new FaultyCluster({ ...DISK, kubelet: { startup: () => 0, lifecycle: { images } } })
    cluster.fail({ kind: 'diskFull', share: 0.95 }, 0, 60)
    cluster.runTo(1)
    const pod = cluster.pod({ containers: [{ name: 'app', image: 'some' }] }, { duration: '1h' })
    cluster.runTo(2)
    expect(cluster.status(pod)?.state?.waiting?.reason).toBe('ErrImagePull')
    expect(cluster.status(pod)?.state?.waiting?.message).toContain('no space left on device')
    cluster.runTo(200)
    expect(cluster.state(pod)).toBe('Running')
    expect(cluster.seconds('runningAt', pod)).toBeGreaterThan(60)
  })

  it('says so after a partition, if it came meanwhile and is there still', () => {
    const cluster = new FaultyCluster({ ...DISK, eviction: {} })
    const pod = cluster.pod({}, { duration: '10h', disk: '8G' })
    cluster.cutOff(50, 300)
    cluster.fail({ kind: 'diskFull', share: 0.95 }, 100)
    cluster.runTo(299)
    const { node0 } = cluster
    expect([cluster.state(pod), cluster.condition(node0, 'DiskPressure')]).toEqual(['Running', undefined])
    cluster.runTo(301)
    expect([cluster.state(pod), cluster.condition(node0, 'DiskPressure')]).toEqual(['Failed Evicted', 'True'])
    expect(cluster.seconds('finishedAt', pod)).toBeLessThan(120)
    expect(cluster.sim.now).toBe(301 * SECOND)
  })
})
