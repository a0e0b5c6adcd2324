import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/base/time.ts'
import { FaultyCluster } from './faulty-cluster.ts'

const GET = { httpGet: { port: 80 } }

function slow(cpu: number) {
  return { kind: 'slow', speed: { cpu } } as const
}

describe('a machine with a slow cpu', () => {
  it('takes that much longer for what its pods have left to do, while it is slow', () => {
    const cluster = new FaultyCluster()
    const pods = [100, 40, 50].map((duration) => cluster.createPod({ node: cluster.node0, duration }))
    cluster.fail(slow(0.5), 50, 90)
    cluster.at(60, () => pods.push(cluster.createPod({ node: cluster.node0, duration: 100 })))
    cluster.runTo(500)
    // 50 s done, 20 s in 40 s, 30 s left; done before; done in the very instant; 15 s in 30 s, 85 s left.
    expect(pods.map((pod) => cluster.seconds('finishedAt', pod))).toEqual([120, 40, 50, 175])
  })

  it('takes the slowest of several, and what is stretched keeps its end when its pod gets a worker', () => {
    const cluster = new FaultyCluster()
    const pod = cluster.createPod({
      node: cluster.node0,
      duration: 100,
      spec: { restartPolicy: 'OnFailure' },
    })
    cluster.fail(slow(0.5), 0)
    cluster.fail(slow(0.25), 50, 90)
    cluster.at(60, () => cluster.kubelets.killContainer(pod, 0, 'OOMKilled'))
    cluster.runTo(2000)
    // Killed at 60, started again at once: 30 s at a quarter are 7.5 s, 92.5 s are left at half the speed.
    expect(cluster.seconds('finishedAt', pod)).toBe(275)
  })

  it('slows the work of containers, beside what they are short of', () => {
    const cluster = new FaultyCluster({ cpu: '1' })
    const spec = { restartPolicy: 'Never' }
    const [alone] = [cluster.pod(spec, { duration: '100s' })]
    const crowded = [1, 2].map(() => cluster.pod(spec, { duration: '100s', cpu: '1' }))
    cluster.fail(slow(0.5), 50, 100)
    cluster.runTo(1000)
    expect(cluster.seconds('finishedAt', alone as never)).toBe(125)
    // Half of a core each: 25 s done at 50, 12.5 s more at 100, 62.5 s left at half the speed.
    expect(crowded.map((pod) => cluster.seconds('finishedAt', pod))).toEqual([225, 225])
  })

  it('starts pods later, and answers probes later, until they are too late', () => {
    const cluster = new FaultyCluster({ kubelet: { startup: () => 2 * SECOND } })
    const probe = { ...GET, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 2 }
    const pod = cluster.pod(
      { containers: [{ name: 'app', readinessProbe: probe }] },
      { 'probe-latency': '1s' },
    )
    const states = cluster.states(pod)
    cluster.fail(slow(0.4), 100, 200)
    cluster.runTo(150)
    const late = [cluster.createPod({ node: cluster.node0 }), cluster.pod({}, { duration: '1h' })]
    cluster.runTo(400)
    expect(late.map((one) => cluster.seconds('runningAt', one))).toEqual([155, 155])
    expect(states.map((state) => state.replace(/^\d+: /, ''))).toEqual([
      'Pending',
      'Running',
      'Running ready',
      'Running',
      'Running ready',
    ])
    const at = states.map((state) => Number(state.split(':')[0]))
    expect([at[1], at[2]]).toEqual([2, 3])
    expect(at[3]).toBeGreaterThan(110)
    expect(at[3]).toBeLessThanOrEqual(122)
    expect(at[4]).toBeGreaterThanOrEqual(200)
    expect(at[4]).toBeLessThanOrEqual(211)
  })
})

describe('a machine with a slow disk or network', () => {
  it('takes that much longer for images, the slower of both', () => {
    const images = { defaultSize: 1_000_000_000, bandwidth: 100_000_000, latency: 0 }
    const cluster = new FaultyCluster({ kubelet: { startup: () => 0, lifecycle: { images } } })
    const pod = cluster.pod({ containers: [{ name: 'app', image: 'big' }] })
    cluster.fail({ kind: 'slow', speed: { network: 0.5 } }, 4, 8)
    cluster.fail({ kind: 'slow', speed: { disk: 0.25 } }, 6, 8)
    cluster.runTo(100)
    // 400 MB by 4, 100 MB more by 6, 50 MB more by 8, and the rest in 4.5 s.
    expect(cluster.seconds('runningAt', pod)).toBe(12.5)
  })

  it('makes containers that much later when its disk is slow', () => {
    const runtimes = new Map([['runc', { sandbox: () => 0, container: () => SECOND }]])
    const cluster = new FaultyCluster({ kubelet: { startup: () => 0, lifecycle: { runtimes } } })
    cluster.fail({ kind: 'slow', speed: { disk: 0.1 } }, 0)
    cluster.runTo(1)
    const pod = cluster.pod({}, { duration: '1h' })
    cluster.runTo(100)
    expect(cluster.seconds('runningAt', pod)).toBe(11)
  })
})
