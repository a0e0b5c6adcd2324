import { describe, expect, it } from 'vitest'
import type { PodOwner } from '../../src/cluster/pod-table.ts'
import type { FailureTracker } from '../../src/report/failure-tracker.ts'
import type { FailureRecord } from '../../src/report/sources.ts'
import { TrackedPods, controller, node, pod } from './recovery/tracked-pods.ts'
import { taskOwner } from './cluster-builder.ts'

const task = taskOwner('task')
const DOWN = { ailment: 'down', cause: 'nodeCrash/1' } as const

function failure(nodes: readonly number[], startedAt: number, id = 1): FailureRecord {
  return { id, model: 'nodeCrash', nodes: nodes.map(node), startedAt, endedAt: undefined }
}

function limitsOf(tracker: FailureTracker, record: FailureRecord): Record<string, number> {
  return Object.fromEntries(tracker.outcomeOf(record).limits)
}

describe('FailureTracker', () => {
  it('follows a pod over its replacement until that is ready, and tells off what it waited for', () => {
    const { tracker, pods } = new TrackedPods()
    expect(tracker.isIdle).toBe(true)
    pods.set(pod(5), { owner: task, ordinal: 2, lostWork: 7 })
    pods.set(pod(9), { owner: task, ordinal: 2 })
    tracker.began(node(0), DOWN, 100, [pod(5)])
    tracker.outages.detected(node(0), 150)
    tracker.outages.tainted(node(0), 155)
    tracker.lost(pod(5), node(0), 450)
    tracker.created(pod(9), 452)
    tracker.bound(pod(9), node(1), 460)
    expect(tracker.outcomeOf(failure([0], 100))).toMatchObject({ open: 1, lastReadyAt: undefined })
    tracker.running(pod(9), 465)
    tracker.serving(pod(9), 470)
    tracker.gone(pod(5), 500)
    tracker.succeeded(pod(9), 600)
    expect(tracker.isIdle).toBe(true)
    expect(tracker.outcomeOf(failure([0], 100))).toMatchObject({
      detectedAt: 150,
      firstEvictedAt: 450,
      lastEvictedAt: 450,
      lastRescheduledAt: 460,
      lastRunningAt: 465,
      lastReadyAt: 470,
      lost: 1,
      open: 0,
      lostWork: 7,
      redoneWork: 7,
      lostTime: 370,
    })
    expect(limitsOf(tracker, failure([0], 100))).toEqual({
      detection: 50,
      taint_queue: 5,
      toleration: 295,
      controller: 2,
      scheduler: 8,
      container_start: 5,
      readiness: 5,
    })
  })

  it('takes the nodes of one failure together, and is not detected before the last of them', () => {
    const { tracker, pods } = new TrackedPods()
    pods.set(pod(1), { owner: task, lostWork: 1 })
    pods.set(pod(2), { owner: task, ordinal: 1, lostWork: 2 })
    tracker.began(node(0), DOWN, 100, [pod(1)])
    tracker.began(node(1), DOWN, 100, [pod(2)])
    tracker.outages.detected(node(0), 150)
    expect(tracker.outcomeOf(failure([0, 1], 100)).detectedAt).toBeUndefined()
    tracker.outages.detected(node(1), 155)
    tracker.lost(pod(1), node(0), 400)
    tracker.lost(pod(2), node(1), 410)
    const outcome = tracker.outcomeOf(failure([0, 1], 100))
    expect(outcome).toMatchObject({
      detectedAt: 155,
      firstEvictedAt: 400,
      lastEvictedAt: 410,
      lost: 2,
      lostWork: 3,
    })
  })

  it('tells outages of one node apart, and finds the one that a later failure began in', () => {
    const { tracker } = new TrackedPods()
    const began = (cause: string, at: number): void =>
      tracker.began(node(0), { ailment: 'down', cause }, at, [])
    began('nodeCrash/1', 100)
    tracker.outages.detected(node(0), 150)
    tracker.ended(node(0), { ailment: 'down' }, 200, [])
    began('nodeCrash/2', 300)
    expect(tracker.outcomeOf(failure([0], 100)).detectedAt).toBe(150)
    expect(tracker.outcomeOf(failure([0], 300, 2)).detectedAt).toBeUndefined()
    expect(tracker.outcomeOf(failure([0], 120, 7)).detectedAt).toBe(150)
    expect(tracker.outcomeOf(failure([0], 250, 8)).lost).toBe(0)
  })

  it('holds both failures open when the replacement is hit again', () => {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2, 3]) pods.set(pod(row), { owner: task })
    tracker.began(node(0), DOWN, 100, [pod(1)])
    tracker.lost(pod(1), node(0), 110)
    tracker.created(pod(2), 110)
    tracker.bound(pod(2), node(1), 120)
    tracker.began(node(1), { ailment: 'down', cause: 'nodeCrash/2' }, 200, [pod(2)])
    tracker.lost(pod(2), node(1), 210)
    tracker.created(pod(3), 210)
    tracker.serving(pod(3), 300)
    for (const record of [failure([0], 100), failure([1], 200, 2)]) {
      expect(tracker.outcomeOf(record)).toMatchObject({ lastReadyAt: 300, open: 0 })
    }
    expect(limitsOf(tracker, failure([0], 100))).toEqual({
      detection: 20,
      scheduler: 100,
      container_start: 80,
    })
  })

  it('counts a pod that ended well as recovered, and one that nobody makes again as not', () => {
    const { tracker, pods } = new TrackedPods()
    pods.set(pod(1), { owner: task })
    pods.set(pod(2), { owner: undefined })
    tracker.began(node(0), DOWN, 100, [pod(1), pod(2)])
    tracker.succeeded(pod(1), 150)
    tracker.lost(pod(2), node(0), 200)
    tracker.gone(pod(2), 210)
    tracker.end(1000)
    expect(tracker.outcomeOf(failure([0], 100))).toMatchObject({ lost: 2, open: 1, lostTime: 50 + 900 })
    expect(limitsOf(tracker, failure([0], 100))).toEqual({
      detection: 100,
      machine_repair: 50,
      no_controller: 800,
    })
  })

  it('lays all of the wait on the machine that brings its pods back itself, and on one whose pods stay', () => {
    const { tracker, pods } = new TrackedPods()
    pods.set(pod(1), { owner: task })
    pods.set(pod(2), { owner: controller('DaemonSet', 'agent'), stays: true })
    tracker.began(node(0), DOWN, 100, [pod(1), pod(2)])
    tracker.outages.detected(node(0), 150)
    tracker.ended(node(0), { ailment: 'down' }, 300, [pod(1)])
    tracker.serving(pod(1), 310)
    tracker.end(400)
    expect(limitsOf(tracker, failure([0], 100))).toEqual({
      machine_repair: 200 + 300,
      container_start: 10,
    })
  })
})

describe('the replacements of lost pods', () => {
  const owners: readonly (readonly [string, PodOwner, number])[] = [
    ['ReplicaSet', controller('ReplicaSet', 'web-1'), 7],
    ['DaemonSet', controller('DaemonSet', 'agent'), 7],
  ]
  it.each(owners)('are the next pods of a %s, first lost, first filled', (_, owner, group) => {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2, 3, 4, 5]) pods.set(pod(row), { owner, group })
    tracker.began(node(0), DOWN, 0, [pod(1), pod(2)])
    tracker.lost(pod(2), node(0), 10)
    tracker.lost(pod(1), node(0), 20)
    tracker.created(pod(3), 30)
    tracker.created(pod(4), 40)
    tracker.created(pod(5), 50)
    expect([3, 4, 5].map((row) => tracker.isFollowed(pod(row)))).toEqual([true, true, false])
    expect(tracker.outcomeOf(failure([0], 0)).steps.recreated).toMatchObject({ min: 30, max: 40 })
  })

  it('may come from another ReplicaSet of their Deployment', () => {
    const { tracker, pods } = new TrackedPods()
    pods.set(pod(1), { owner: controller('ReplicaSet', 'web-1'), group: 3 })
    pods.set(pod(2), { owner: controller('ReplicaSet', 'web-2'), group: 3 })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.lost(pod(1), node(0), 10)
    tracker.created(pod(2), 30)
    expect(tracker.isFollowed(pod(2))).toBe(true)
  })

  it('of a StatefulSet have its name, and come when it is gone', () => {
    const { tracker, pods } = new TrackedPods()
    const owner = controller('StatefulSet', 'db')
    pods.set(pod(1), { owner, name: 'db-1' })
    pods.set(pod(2), { owner, name: 'db-2' })
    pods.set(pod(3), { owner, name: 'db-1' })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.lost(pod(1), node(0), 10)
    tracker.created(pod(2), 20)
    expect(tracker.isFollowed(pod(2))).toBe(false)
    tracker.gone(pod(1), 60)
    tracker.created(pod(3), 61)
    tracker.serving(pod(3), 61)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({ detection: 10, termination: 50, set_order: 1 })
  })

  it('of a Job that are made before it is gone waited for the controller only', () => {
    const { tracker, pods } = new TrackedPods()
    const owner = controller('Job', 'sum')
    for (const row of [1, 2]) pods.set(pod(row), { owner })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.lost(pod(1), node(0), 10)
    tracker.created(pod(2), 25)
    tracker.serving(pod(2), 25)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({ detection: 10, controller: 15 })
  })

  it('are not waited for when fewer are asked for, the Job is over, or the pod was not wanted', () => {
    const { tracker, pods } = new TrackedPods()
    const set = controller('ReplicaSet', 'web-1')
    for (const row of [1, 2]) pods.set(pod(row), { owner: set, group: 1 })
    pods.set(pod(3), { owner: controller('Job', 'sum'), group: 2 })
    pods.set(pod(4), { owner: set, group: 1 })
    tracker.began(node(0), DOWN, 0, [pod(1), pod(2), pod(3), pod(4)])
    for (const row of [1, 2, 3]) tracker.lost(pod(row), node(0), 10)
    tracker.dropped(pod(4), 15)
    tracker.asksFor(1, 5, 4, 20)
    expect(tracker.outcomeOf(failure([0], 0)).open).toBe(2)
    tracker.ownerOver('Job', 'default/sum', 30)
    expect(tracker.outcomeOf(failure([0], 0))).toMatchObject({ open: 1, lostTime: 15 + 20 + 30 + 10 })
  })

  it('that admission refuses waited for that', () => {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2]) pods.set(pod(row), { owner: controller('ReplicaSet', 'web-1') })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.lost(pod(1), node(0), 10)
    tracker.refused('ReplicaSet', 'default/web-1', 12)
    tracker.refused('ReplicaSet', 'default/other', 13)
    tracker.created(pod(2), 40)
    tracker.end(40)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({ detection: 10, controller: 2, admission: 28 })
  })
})

describe('a replacement that is not made yet', () => {
  it('waited for the limit of its controller as far as its write did', () => {
    const { tracker, pods } = new TrackedPods()
    const owner = controller('ReplicaSet', 'web-1')
    for (const row of [1, 2, 3, 4]) pods.set(pod(row), { owner })
    const limited = (client: string, from: number, until: number): void =>
      tracker.clientLimited({ client, reason: 'client limit', from, until })
    tracker.began(node(0), DOWN, 0, [pod(1), pod(2)])
    for (const row of [1, 2]) tracker.lost(pod(row), node(0), 0)
    limited('replicaset-controller', 30, 50)
    tracker.created(pod(3), 50)
    limited('job-controller', 30, 60)
    tracker.created(pod(4), 60)
    tracker.end(60)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({
      controller: 30 + 60,
      client_limit: 20,
      scheduler: 10,
    })
  })

  it('waited for the control plane while that was down, once, whatever of it was', () => {
    const { tracker, pods } = new TrackedPods()
    const owner = controller('ReplicaSet', 'web-1')
    for (const row of [1, 2]) pods.set(pod(row), { owner })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.lost(pod(1), node(0), 0)
    tracker.interruptions.begin('kube-controller-manager', 10)
    tracker.interruptions.begin('api', 20)
    tracker.interruptions.end('kube-controller-manager', 30)
    tracker.interruptions.end('api', 40)
    tracker.created(pod(2), 50)
    tracker.interruptions.begin('kube-controller-manager', 55)
    tracker.interruptions.begin('kube-scheduler', 60)
    tracker.end(100)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({
      controller: 10 + 10,
      control_plane: 30 + 40,
      scheduler: 10,
    })
  })
})

describe('a replacement that waits for a node', () => {
  function pending(): { readonly tracker: FailureTracker } {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2]) pods.set(pod(row), { owner: task })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.lost(pod(1), node(0), 0)
    tracker.created(pod(2), 0)
    return { tracker }
  }
  const decision = { node: node(1), attempt: 1, feasible: 0, evaluated: 0, victims: [] }
  const texts = { message: () => '', verdicts: () => [] }
  const rejected = (rejectedBy: readonly string[]) => ({
    ...decision,
    ...texts,
    pod: pod(2),
    outcome: 'unschedulable' as const,
    rejectedBy,
  })

  it('waits for room, or for a node that it may go to, as plugins rejected it', () => {
    const { tracker } = pending()
    tracker.decided(rejected(['TaintToleration', 'NodeResourcesFit']), false, 5)
    tracker.decided(rejected(['TaintToleration', 'NodeAffinity']), false, 25)
    tracker.bound(pod(2), node(1), 100)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({ scheduler: 5, capacity: 20, constraints: 75 })
  })

  it('waited for its back-off only when it had a place after that', () => {
    const { tracker } = pending()
    tracker.decided(rejected(['NodeResourcesFit']), false, 0)
    tracker.backedOff(pod(2), 10)
    tracker.decided(rejected(['NodeResourcesFit']), true, 14)
    tracker.bound(pod(2), node(1), 20)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({ capacity: 14, scheduler_backoff: 6 })
    expect(tracker.outcomeOf(failure([0], 0))).toMatchObject({ pendingTime: 20, pendingPeak: 1 })
  })

  it('may wait for victims, for volumes, for images, for containers that crash', () => {
    const { tracker } = pending()
    tracker.decided({ ...rejected(['NodeResourcesFit']), outcome: 'nominated' }, false, 0)
    tracker.bound(pod(2), node(1), 23)
    tracker.awaitsVolumes(pod(2), true, 23)
    tracker.awaitsVolumes(pod(2), false, 30)
    tracker.pulled(pod(2), 4, 36)
    tracker.waits(pod(2), 'image_pull', 40)
    tracker.waits(pod(2), undefined, 50)
    tracker.running(pod(2), 60)
    tracker.waits(pod(2), 'crash_loop', 61)
    tracker.waits(pod(2), undefined, 71)
    tracker.serving(pod(2), 75)
    expect(limitsOf(tracker, failure([0], 0))).toEqual({
      preemption: 23,
      volume_attach: 7,
      container_start: 2 + 4 + 10,
      image_pull: 4 + 10,
      crash_loop: 10,
      readiness: 1 + 4,
    })
  })
})

describe('a node whose pods live on', () => {
  const CUT_OFF = { ailment: 'cutOff', cause: 'partition/1' } as const
  const record: FailureRecord = {
    ...failure([0], 0),
    model: 'partition',
    effect: { kind: 'cutOff' },
  }

  it('loses its pods as they are said not to be ready, and none of their work when they come back', () => {
    const { tracker, pods } = new TrackedPods()
    pods.set(pod(1), { owner: task, lostWork: 5 })
    tracker.began(node(0), CUT_OFF, 0)
    expect(tracker.isIdle).toBe(false)
    expect(tracker.outcomeOf(record).lost).toBe(0)
    tracker.unready(pod(1), node(0), 50)
    tracker.unready(pod(1), node(0), 51)
    tracker.outages.detected(node(0), 50)
    tracker.ended(node(0), { ailment: 'cutOff' }, 80, [pod(1)])
    tracker.serving(pod(1), 82)
    expect(tracker.outcomeOf(record)).toMatchObject({ lost: 1, open: 0, lostWork: 0, lostTime: 32 })
    expect(limitsOf(tracker, record)).toEqual({ machine_repair: 30, readiness: 2 })
  })

  it('has two pods of one name for a time', () => {
    const { tracker } = new TrackedPods()
    tracker.began(node(0), CUT_OFF, 0)
    tracker.outages.splitBegan('db-0', node(0), 100)
    tracker.outages.splitBegan('db-1', node(0), 100)
    tracker.outages.splitBegan('db-2', node(1), 100)
    tracker.outages.splitEnded('db-0', 150)
    tracker.ended(node(0), { ailment: 'cutOff' }, 170, [])
    tracker.outages.splitEnded('db-1', 180)
    tracker.outages.splitEnded('db-2', 180)
    expect(tracker.outcomeOf(record).splitBrain).toBe(50 + 80)
  })

  it('that shuts down loses its pods before it is down, without a time to detect that', () => {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2]) pods.set(pod(row), { owner: task })
    tracker.shutsDown(node(0), 70)
    tracker.lost(pod(1), node(0), 70, 'shuttingDown')
    tracker.gone(pod(1), 70)
    tracker.created(pod(2), 75)
    tracker.began(node(0), { ailment: 'down', cause: 'maintenance/1' }, 80)
    tracker.serving(pod(2), 90)
    tracker.ended(node(0), { ailment: 'down' }, 100, [])
    const maintenance = { ...failure([0], 80), model: 'maintenance' }
    expect(tracker.outcomeOf(maintenance)).toMatchObject({
      lost: 1,
      open: 0,
      firstEvictedAt: 70,
      lostTime: 20,
    })
    expect(limitsOf(tracker, maintenance)).toEqual({ controller: 5, scheduler: 15 })
  })

  it('that goes for good keeps the pods of DaemonSets waiting for another, or as long as it is away', () => {
    const { tracker, pods } = new TrackedPods()
    const owner = controller('DaemonSet', 'agent')
    pods.set(pod(1), { owner, isNodeGone: true })
    for (const row of [2, 3, 4]) pods.set(pod(row), { owner })
    tracker.shutsDown(node(0), 0)
    tracker.lost(pod(2), node(0), 0, 'shuttingDown')
    tracker.gone(pod(2), 0)
    tracker.began(node(1), DOWN, 0, [pod(1)])
    tracker.ended(node(1), { ailment: 'down' }, 10, [])
    tracker.lost(pod(1), node(1), 10)
    tracker.gone(pod(1), 20)
    tracker.began(node(0), { ailment: 'down', cause: 'maintenance/1' }, 5)
    for (const row of [3, 4]) tracker.created(pod(row), 50)
    for (const row of [3, 4]) tracker.serving(pod(row), 50)
    const maintenance = { ...failure([0], 5), model: 'maintenance' }
    expect(limitsOf(tracker, maintenance)).toEqual({ machine_repair: 50 })
    expect(limitsOf(tracker, failure([1], 0))).toMatchObject({ termination: 10, machine_repair: 30 })
  })

  it('whose containers end before they are done loses their work, and does it again', () => {
    const { tracker, pods } = new TrackedPods()
    const owner = controller('Job', 'sum')
    for (const row of [1, 2]) pods.set(pod(row), { owner, cpu: 2 })
    tracker.began(node(0), DOWN, 0, [pod(1)])
    tracker.workLost(pod(1), 50)
    tracker.lost(pod(1), node(0), 10)
    tracker.created(pod(2), 10)
    tracker.serving(pod(2), 20)
    tracker.succeeded(pod(2), 30)
    expect(tracker.outcomeOf(failure([0], 0))).toMatchObject({ lostWork: 50, redoneWork: 20 })
  })

  it('that is slow loses those that have to go', () => {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2]) pods.set(pod(row), { owner: task, ordinal: row })
    tracker.began(node(0), { ailment: 'diskFull', cause: 'disk/1' }, 0)
    tracker.lost(pod(1), node(0), 40, 'diskFull')
    tracker.lost(pod(2), node(0), 50)
    tracker.end(60)
    const full = { ...record, model: 'disk', effect: { kind: 'diskFull' as const } }
    expect(tracker.outcomeOf(full)).toMatchObject({ lost: 1, lostTime: 20 })
  })

  it('that is slow loses those that probes fail, but none that a fault of its machine hides', () => {
    const { tracker, pods } = new TrackedPods()
    for (const row of [1, 2, 3]) pods.set(pod(row), { owner: task, ordinal: row })
    tracker.began(node(0), { ailment: 'slow', cause: 'slow/1' }, 0)
    tracker.unready(pod(1), node(0), 10)
    tracker.began(node(0), { ailment: 'cutOff', cause: 'partition/2' }, 20)
    tracker.outages.detected(node(0), 30)
    tracker.unready(pod(2), node(0), 30)
    tracker.outages.tainted(node(0), 40)
    tracker.lost(pod(3), node(0), 50)
    tracker.end(60)
    const slow = { ...record, model: 'slow', effect: { kind: 'slow' as const } }
    expect(tracker.outcomeOf(slow)).toMatchObject({ lost: 1, lostTime: 50, detectedAt: undefined })
    const cut = { ...failure([0], 20), id: 2, model: 'partition', effect: { kind: 'cutOff' as const } }
    expect(tracker.outcomeOf(cut)).toMatchObject({ lost: 2, detectedAt: 30, firstEvictedAt: 50 })
  })
})
