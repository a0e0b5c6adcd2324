import { describe, expect, it } from 'vitest'

import { SECOND } from '../../../src/base/time.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

describe('a container that ends', () => {
  it('crashes into a back-off of 10 s, doubling to 300 s; its first restart is immediate', () => {
    const cluster = new LifecycleCluster()
    const pod = cluster.pod({}, { duration: '5s', 'exit-code': '1' })
    const starts: number[] = []
    let runs = 0
    cluster.api.pods.observe(() => {
      const status = cluster.status(pod)
      if (status?.state?.running === undefined || status.restartCount + 1 === runs) return
      runs = status.restartCount + 1
      starts.push(cluster.sim.now / SECOND)
    })
    cluster.runTo(2000)
    expect(starts.slice(0, 9)).toEqual([0, 5, 20, 45, 90, 175, 340, 645, 950])
  })

  it('shows what it is at each turn', () => {
    const cluster = new LifecycleCluster({ kubelet: { startup: () => 2 * SECOND } })
    const pod = cluster.pod({}, { duration: '5s', 'exit-code': '1' })
    cluster.runTo(24)
    expect(cluster.history(pod)).toEqual([
      '0 Pending ContainerCreating',
      '2 Running ready Running',
      '7 Running ready Running(1)',
      '12 Running CrashLoopBackOff(1)',
      '22 Running ready Running(2)',
    ])
  })
})
