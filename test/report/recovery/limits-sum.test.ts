import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PodOwner } from '../../../src/cluster/pod-table.ts'
import type { FailureTracker } from '../../../src/report/failure-tracker.ts'
import { CAUSES } from '../../../src/report/recovery/causes.ts'
import type { FailureRecord } from '../../../src/report/sources.ts'
import { taskOwner } from '../cluster-builder.ts'
import { TrackedPods, controller, node, pod } from './tracked-pods.ts'

const NODES = 4
const PODS = 15
const OWNERS: readonly (PodOwner | undefined)[] = [
  taskOwner('task'),
  controller('ReplicaSet', 'web'),
  controller('StatefulSet', 'db'),
  controller('Job', 'sum'),
  undefined,
]
const AILMENTS = ['down', 'cutOff', 'slow'] as const

const PARTS = ['api', 'kube-scheduler', 'kube-controller-manager'] as const

/** Something that may happen to pods and nodes, in any order; `row` and `place` choose which. */
interface Happening {
  readonly kind: number
  readonly row: number
  readonly place: number
  readonly after: number
}

const happenings = fc.array(
  fc.record({
    kind: fc.nat(22),
    row: fc.nat(PODS - 1),
    place: fc.nat(NODES - 1),
    after: fc.oneof(fc.constant(0), fc.nat(1000)),
  }),
  { maxLength: 300, size: 'max' },
)

type Act = (
  tracker: FailureTracker,
  of: { readonly row: number; readonly place: number; now: number },
) => void

const ACTS: readonly Act[] = [
  (tracker, { row, place, now }) =>
    tracker.began(
      node(place),
      { ailment: AILMENTS[row % 3] ?? 'down', cause: `model/${now}` },
      now,
      row % 3 === 0 ? [pod(row), pod((row + 1) % PODS)] : [],
    ),
  (tracker, { row, place, now }) =>
    tracker.ended(node(place), { ailment: AILMENTS[row % 3] ?? 'down' }, now, [pod(row)]),
  (tracker, { place, now }) => tracker.outages.detected(node(place), now),
  (tracker, { row, place, now }) => tracker.outages.tainted(node(place), row % 4 === 0 ? undefined : now),
  (tracker, { row, now }) => tracker.nodeDeleted([pod(row)], now),
  (tracker, { row, place, now }) => tracker.unready(pod(row), node(place), now),
  (tracker, { row, place, now }) => tracker.lost(pod(row), node(place), now, AILMENTS[row % 3]),
  (tracker, { row, now }) => tracker.gone(pod(row), now),
  (tracker, { row, now }) => tracker.created(pod(row), now),
  (tracker, { row, place, now }) =>
    tracker.decided(
      {
        pod: pod(row),
        node: node(place),
        outcome: (['unschedulable', 'nominated', 'error', 'waiting'] as const)[place] ?? 'bound',
        attempt: 1,
        feasible: 0,
        evaluated: 0,
        rejectedBy: row % 2 === 0 ? ['NodeResourcesFit'] : ['NodeAffinity'],
        message: () => '',
        verdicts: () => [],
        victims: [],
      },
      place % 2 === 0,
      now,
    ),
  (tracker, { row, now }) => tracker.backedOff(pod(row), now),
  (tracker, { row, place, now }) => tracker.bound(pod(row), node(place), now),
  (tracker, { row, place, now }) => tracker.pulled(pod(row), place * 300, now),
  (tracker, { row, place, now }) =>
    tracker.waits(pod(row), (['crash_loop', 'image_pull'] as const)[place], now),
  (tracker, { row, now }) => tracker.running(pod(row), now),
  (tracker, { row, now }) => tracker.serving(pod(row), now),
  (tracker, { row, now }) => tracker.succeeded(pod(row), now),
  (tracker, { now }) => tracker.refused('ReplicaSet', 'default/web', now),
  (tracker, { place, now }) => tracker.asksFor(1, place, 1, now),
  (tracker, { place, now }) =>
    tracker.clientLimited({
      client: 'replicaset-controller',
      reason: 'client limit',
      from: Math.max(0, now - place * 100),
      until: now,
    }),
  (tracker, { row, place, now }) => tracker.awaitsVolumes(pod(row), place % 2 === 0, now),
  (tracker, { row, now }) => tracker.interruptions.begin(PARTS[row % 3] ?? 'api', now),
  (tracker, { row, now }) => tracker.interruptions.end(PARTS[row % 3] ?? 'api', now),
]

/** Place of the act by which a part of the control plane fails; the next one ends that. */
const BEGIN = ACTS.length - 2

/** Plays them; the end is 1,000 after the last. */
function play(list: readonly Happening[]): { readonly tracker: FailureTracker; readonly end: number } {
  const { tracker, pods } = new TrackedPods()
  for (let row = 0; row < PODS; row++) {
    const owner = OWNERS[row % OWNERS.length]
    pods.set(pod(row), {
      owner,
      group: row % OWNERS.length,
      name: `db-${row % 3}`,
      ordinal: row % 2,
      lostWork: row * 10,
      stays: row % 7 === 0,
    })
  }
  let now = 0
  const interrupted = new Set<number>()
  for (const { kind, row, place, after } of list) {
    now += after
    if (kind >= BEGIN && interrupted.has(row % 3) === (kind === BEGIN)) continue
    if (kind === BEGIN) interrupted.add(row % 3)
    else if (kind > BEGIN) interrupted.delete(row % 3)
    ACTS[kind]?.(tracker, { row, place, now })
  }
  tracker.end(now + 1000)
  return { tracker, end: now + 1000 }
}

it('divides the time of each lost replica into causes without a gap or an overlap, whatever happens', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const { tracker, end } = play(list)
      for (const outage of tracker.outages.all()) {
        for (const { spans, startedAt, endedAt } of outage.lost) {
          expect(spans.every((span) => span >= 0)).toBe(true)
          expect(spans.reduce((sum, span) => sum + span, 0)).toBe((endedAt ?? end) - startedAt)
        }
        const nodes = [0, 1, 2, 3].map(node)
        const { ailment, cause, startedAt } = outage
        const [model = '', id] = cause.split('/')
        const record: FailureRecord = {
          id: Number(id),
          model,
          nodes,
          startedAt,
          endedAt: undefined,
          effect: { kind: ailment },
        }
        const { limits, lostTime, workloads, redoneWork, lostWork } = tracker.outcomeOf(record)
        expect([...limits.values()].reduce((sum, time) => sum + time, 0)).toBe(lostTime)
        expect(workloads.reduce((sum, workload) => sum + workload.lostTime, 0)).toBe(lostTime)
        expect(redoneWork).toBeLessThanOrEqual(lostWork)
      }
    }),
    { numRuns: 400 },
  )
})

it('meets every cause that the random plays can bring about', () => {
  const met = new Set<string>()
  for (const list of fc.sample(happenings, { numRuns: 1000, seed: 1 })) {
    const { tracker } = play(list)
    for (const { lost } of tracker.outages.all()) {
      for (const { spans } of lost) CAUSES.forEach((cause, i) => (spans[i] ?? 0) > 0 && met.add(cause))
    }
  }
  expect([...met].toSorted()).toEqual([...CAUSES].toSorted())
})
