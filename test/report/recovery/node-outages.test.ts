import { expect, it } from 'vitest'

import type { PodRow } from '../../../src/cluster/rows.ts'
import { taskOwner } from '../cluster-builder.ts'
import { TrackedPods, node, pod } from './tracked-pods.ts'

it('keeps nothing of a node that no API server reached for a moment, unless a pod was lost or somebody noticed', () => {
  const { tracker, pods } = new TrackedPods()
  const blip = (at: number, cause: string, pod?: PodRow, detectedAt?: number): void => {
    tracker.began(node(0), { ailment: 'cutOff', cause }, at)
    if (pod !== undefined) tracker.unready(pod, node(0), at + 1)
    if (detectedAt !== undefined) tracker.outages.detected(node(0), detectedAt)
    tracker.ended(node(0), { ailment: 'cutOff' }, at + 2, [])
  }
  for (let at = 0; at < 1000; at += 10) blip(at, 'api-server')
  expect(tracker.outages.all()).toEqual([])
  pods.set(pod(5), { owner: taskOwner('task'), ordinal: 2 })
  blip(1000, 'api-server', pod(5))
  blip(1010, 'api-connection', undefined, 1011)
  blip(1020, 'partition/1')
  expect(tracker.outages.all().map(({ startedAt }) => startedAt)).toEqual([1000, 1010, 1020])
})
