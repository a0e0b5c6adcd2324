import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import { KeptWork } from '../../src/cluster/kept-work.ts'
import type { PodRow } from '../../src/cluster/rows.ts'
import { TestCluster } from '../node/test-cluster.ts'

const pod = 3 as PodRow

it('keeps whole checkpoints, no more than the pod ran nor than it has to, and settles once', () => {
  const span = fc.integer({ min: 0, max: 1e9 })
  fc.assert(
    fc.property(span, span, fc.integer({ min: 1, max: 1e8 }), span, (ran, later, interval, duration) => {
      const kept = new KeptWork()
      kept.begin(pod, { interval, duration })
      const would = kept.wouldKeep(pod, ran)
      expect(kept.keep(pod, ran)).toBe(would)
      expect(would % interval).toBe(0)
      expect(would).toBeLessThanOrEqual(Math.min(ran, duration))
      expect(would + interval).toBeGreaterThan(Math.min(ran, duration))
      // What it does after another pod has taken over is lost.
      expect(kept.keep(pod, ran + later)).toBe(would)
      expect(kept.wouldKeep(pod, ran + later)).toBe(would)
    }),
  )
})

it('keeps nothing of pods that write no checkpoints, and begins anew for the next pod of a row', () => {
  const kept = new KeptWork()
  expect([kept.wouldKeep(pod, 100), kept.keep(pod, 100)]).toEqual([0, 0])
  kept.begin(pod, { interval: 10, duration: 100 })
  expect(kept.keep(pod, 35)).toBe(30)
  expect(kept.keep(1 as PodRow, 35)).toBe(0)
  kept.begin(pod, { interval: 10, duration: 100 })
  expect(kept.keep(pod, 57)).toBe(50)
})

it('keeps nothing of a pod whose row had one that did', () => {
  const cluster = new TestCluster()
  const { pods } = cluster.api
  const first = cluster.createPod({})
  pods.kept.begin(first, { interval: 10, duration: 100 })
  pods.remove(first)
  let next = cluster.createPod({})
  for (let tries = 0; next !== first && tries < 5000; tries++) {
    pods.remove(next)
    cluster.runTo(cluster.sim.now / SECOND)
    next = cluster.createPod({})
  }
  expect(next).toBe(first)
  expect(pods.kept.wouldKeep(next, 57)).toBe(0)
})
