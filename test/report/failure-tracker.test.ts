import { describe, expect, it } from 'vitest'
import type { PodOwner } from '../../src/cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { FailureTracker } from '../../src/report/failure-tracker.ts'
import type { FailureRecord } from '../../src/report/sources.ts'

const node = (row: number): NodeRow => row as NodeRow
const pod = (row: number): PodRow => row as PodRow
const task: PodOwner = {
  kind: 'Task',
  name: 'task',
  podName: (ordinal, attempt) => `task-${ordinal}-r${attempt}`,
}

function failure(nodes: readonly number[], startedAt: number): FailureRecord {
  return { id: 1, model: 'nodeCrash', nodes: nodes.map(node), startedAt, endedAt: undefined }
}

describe('FailureTracker', () => {
  it('follows a pod over its replacement until that runs', () => {
    const tracker = new FailureTracker()
    tracker.down(node(0), 100, [{ row: pod(5), lostWork: 7 }])
    tracker.detected(node(0), 150)
    tracker.lost(pod(5), 450, task, 2)
    tracker.created(pod(9), task, 2)
    tracker.bound(pod(9), 460)
    expect(tracker.outcomeOf(failure([0], 100))).toMatchObject({ podsOpen: 1, lastRunningAt: undefined })
    tracker.running(pod(9), 470)
    expect(tracker.isIdle).toBe(true)
    expect(tracker.outcomeOf(failure([0], 100))).toEqual({
      record: failure([0], 100),
      detectedAt: 150,
      firstEvictedAt: 450,
      lastEvictedAt: 450,
      lastRescheduledAt: 460,
      lastRunningAt: 470,
      podsAffected: 1,
      podsOpen: 0,
      lostWork: 7,
    })
  })

  it('takes the nodes of one failure together, and is not detected before the last of them', () => {
    const tracker = new FailureTracker()
    tracker.down(node(0), 100, [{ row: pod(1), lostWork: 1 }])
    tracker.down(node(1), 100, [{ row: pod(2), lostWork: 2 }])
    tracker.detected(node(0), 150)
    expect(tracker.outcomeOf(failure([0, 1], 100)).detectedAt).toBeUndefined()
    tracker.detected(node(1), 155)
    tracker.lost(pod(1), 400, task, 0)
    tracker.lost(pod(2), 410, task, 1)
    const outcome = tracker.outcomeOf(failure([0, 1], 100))
    expect(outcome).toMatchObject({
      detectedAt: 155,
      firstEvictedAt: 400,
      lastEvictedAt: 410,
      podsAffected: 2,
      lostWork: 3,
    })
  })

  it('tells outages of one node apart, and finds the one that a later failure began in', () => {
    const tracker = new FailureTracker()
    tracker.down(node(0), 100, [])
    tracker.detected(node(0), 150)
    tracker.up(node(0), 200)
    tracker.down(node(0), 300, [])
    expect(tracker.outcomeOf(failure([0], 100)).detectedAt).toBe(150)
    expect(tracker.outcomeOf(failure([0], 300)).detectedAt).toBeUndefined()
    expect(tracker.outcomeOf(failure([0], 120)).detectedAt).toBe(150)
    expect(tracker.outcomeOf(failure([0], 250)).podsAffected).toBe(0)
  })

  it('holds both failures open when the replacement is hit again', () => {
    const tracker = new FailureTracker()
    tracker.down(node(0), 100, [{ row: pod(1), lostWork: 0 }])
    tracker.lost(pod(1), 110, task, 0)
    tracker.created(pod(2), task, 0)
    tracker.down(node(1), 200, [{ row: pod(2), lostWork: 0 }])
    tracker.lost(pod(2), 210, task, 0)
    tracker.created(pod(3), task, 0)
    tracker.running(pod(3), 300)
    for (const record of [failure([0], 100), failure([1], 200)]) {
      expect(tracker.outcomeOf(record)).toMatchObject({ lastRunningAt: 300, podsOpen: 0 })
    }
  })

  it('counts a pod that ended well as recovered, and one that nobody makes again as not', () => {
    const tracker = new FailureTracker()
    tracker.down(node(0), 100, [
      { row: pod(1), lostWork: 0 },
      { row: pod(2), lostWork: 0 },
    ])
    tracker.succeeded(pod(1))
    tracker.lost(pod(2), 200, undefined, 0)
    expect(tracker.outcomeOf(failure([0], 100))).toMatchObject({ podsAffected: 2, podsOpen: 1 })
  })
})
