import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SECOND } from '../../../src/base/time.ts'
import { cpuShares, shareCpu } from '../../../src/node/lifecycle/node-cpu.ts'
import { GIB, MIB } from '../test-cluster.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

const asks = (cpu: string, limits: Readonly<Record<string, string>> = {}) => ({
  containers: [{ name: 'app', resources: { requests: { cpu }, limits } }],
  restartPolicy: 'Never',
})

describe('a pod of a Job', () => {
  it('runs for a while when nothing is said of it', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod({ restartPolicy: 'Never' }, {}, { 'batch.kubernetes.io/job-name': 'count' })
    cluster.runTo(100)
    expect([cluster.state(pod), cluster.seconds('finishedAt', pod)]).toEqual(['Succeeded Completed', 60])
  })
})

describe('the use of memory', () => {
  it('follows its steps, and is free at the end', () => {
    const cluster = new LifecycleCluster()
    cluster.pod({ restartPolicy: 'Never' }, { memory: '0s=1Gi, 10s=3Gi, 30s=2Gi', duration: '40s' })
    const levels: [number, number][] = []
    cluster.kubelets.onWorkingSet((node) =>
      levels.push([cluster.sim.now / SECOND, cluster.kubelets.workingSet(node) / GIB]),
    )
    cluster.runTo(100)
    expect(levels).toEqual([
      [0, 1],
      [10, 3],
      [30, 2],
      [40, 0],
    ])
  })

  it('leaks to the limit: then the container is killed, and starts again', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod(
      { containers: [{ name: 'app', resources: { limits: { memory: '100Mi' } } }] },
      { memory: '40Mi', 'memory-leak': '60Mi/m' },
    )
    cluster.runTo(59)
    expect(cluster.kubelets.memoryOf(pod)).toBe(90 * MIB)
    cluster.runTo(61)
    expect(cluster.history(pod).slice(1)).toEqual(['60 Running ready Running(1)'])
    expect(cluster.status(pod)?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
    cluster.runTo(125)
    expect(cluster.shown(pod)).toBe('CrashLoopBackOff(1)')
  })

  it('is drawn anew as often as it is said', () => {
    const cluster = new LifecycleCluster()
    const memory = '{"uniform": {"low": "1Mi", "high": "100Mi"}}'
    cluster.pod({}, { memory, resample: '10s' })
    const levels: number[] = []
    cluster.kubelets.onWorkingSet((node) => levels.push(cluster.kubelets.workingSet(node)))
    cluster.runTo(95)
    expect(new Set(levels).size).toBe(10)
  })

  it('of an annotation that makes no sense is refused', () => {
    const cluster = new LifecycleCluster()
    expect(() => cluster.pod({}, { memory: 'much' })).toThrow('stowage.dev/memory')
    expect(() => cluster.pod({}, { 'exit-code': '300' })).toThrow('"300" is no exit code')
  })
})

describe('contention for cpu', () => {
  it('slows work by what is not there, in the measure of requests', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const big = cluster.pod(asks('3'), { cpu: '4', duration: '60s' })
    const small = cluster.pod(asks('1'), { cpu: '4', duration: '60s' })
    cluster.runTo(1000)
    // 3 of 4 cores until it is done, after 80 s; the other has done 20 s of its work by then, and goes on with all 4.
    expect([cluster.seconds('finishedAt', big), cluster.seconds('finishedAt', small)]).toEqual([80, 120])
  })

  it('throttles at limits on an idle node', () => {
    const cluster = new LifecycleCluster({ cpu: '8' })
    const pod = cluster.pod(asks('500m', { cpu: '500m' }), { cpu: '2', duration: '10s' })
    cluster.runTo(20)
    const [container] = cluster.kubelets.workers.workerOf(pod)?.containers ?? []
    expect(container?.cpu).toEqual({ wanted: 2000, given: 500 })
    cluster.runTo(100)
    expect(cluster.seconds('finishedAt', pod)).toBe(40)
    expect(container?.throttled).toBe(30 * SECOND)
  })

  it('leaves what other pods asked for to them', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const pod = cluster.pod(asks('1'), { cpu: '4', duration: '40s' })
    cluster.at(10, () => cluster.createPod({ node: cluster.node0, cpu: 2000, duration: 20 }))
    cluster.runTo(100)
    // Half the speed from 10 s to 30 s.
    expect(cluster.seconds('finishedAt', pod)).toBe(50)
  })

  it('follows what is wanted over time', () => {
    const cluster = new LifecycleCluster({ cpu: '4' })
    const work = cluster.pod(asks('2'), { cpu: '4', duration: '30s' })
    cluster.pod(asks('2'), { cpu: '0s=0, 10s=4, 20s=0' })
    cluster.runTo(100)
    expect(cluster.seconds('finishedAt', work)).toBe(35)
  })
})

describe('shares of cpu', () => {
  const claim = fc.record({
    weight: fc.integer({ min: 0, max: 8000 }).map(cpuShares),
    demand: fc.integer({ min: 0, max: 8000 }),
  })

  it('give nobody more than it wants, leave nothing idle that is wanted, and are fair', () => {
    fc.assert(
      fc.property(
        fc.array(claim, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 32_000 }),
        (claims, capacity) => {
          const given = shareCpu(claims, capacity)
          const demand = claims.reduce((sum, one) => sum + one.demand, 0)
          const total = given.reduce((sum, milli) => sum + milli, 0)
          expect(total).toBeCloseTo(Math.min(demand, capacity), 3)
          claims.forEach((one, index) => {
            const milli = given[index] ?? 0
            expect(milli).toBeLessThanOrEqual(one.demand)
            if (milli >= one.demand - 1e-6) return
            // Who wants more has no less a weight than anybody else has.
            claims.forEach((other, place) => {
              expect((given[place] ?? 0) / other.weight).toBeLessThanOrEqual(milli / one.weight + 1e-6)
            })
          })
        },
      ),
    )
  })
})
