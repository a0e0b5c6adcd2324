import { MINUTE } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { POD_BOUND, POD_DELETED } from '../../cluster/pod-event.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { watching } from '../play.ts'
import type { SnapshotCluster } from './snapshot-cluster.ts'

/** What became of a pod that was to be scheduled. */
export interface Placement {
  /** `namespace/name`. */
  readonly pod: string
  readonly outcome: 'bound' | 'pending' | 'gated' | 'ignored' | 'refused'
  /** Node that it was bound to; empty when it was not. */
  readonly node: string
  /** Weighted sum of the scores of its node; undefined when the node was taken without being scored. */
  readonly score: number | undefined
  /** Time from the start until it was bound; undefined when it was not. */
  readonly boundAfter: Micros | undefined
  /** Feasible nodes and nodes looked at in its last cycle. */
  readonly feasible: number
  readonly evaluated: number
  readonly attempts: number
  /** Why it is not on a node, or what was said before its preemption made room; empty when it fitted at once. */
  readonly message: string
  /** Pods that were deleted to make room for it. */
  readonly victims: readonly string[]
}

/** After this time in which no pod was bound or ended, nothing more is expected: longer than any back-off and flush. */
const SETTLED: Micros = 10 * MINUTE

/**
 * Runs until all pods are bound, nothing changes any more, or somebody stops the simulation; returns the time of the last
 * change.
 */
export async function settle(cluster: SnapshotCluster): Promise<Micros> {
  return watching(cluster, () => Promise.resolve(settleNow(cluster)))
}

function settleNow({ sim, api, pending, deleting }: SnapshotCluster): Micros {
  let changedAt = sim.now
  let unbound = pending.size
  api.pods.observe((event, row) => {
    if (event !== POD_BOUND && event !== POD_DELETED) return
    changedAt = sim.now
    if (event === POD_BOUND && pending.has(row)) unbound -= 1
  })
  while (unbound > 0 && (deleting() > 0 || sim.now < changedAt + SETTLED)) {
    const next = sim.peek()
    if (next > changedAt + SETTLED && deleting() === 0) break
    if (sim.run(next) === 'stopped') break
  }
  return changedAt
}

/** Lets the scheduler place all pending pods of a snapshot; placements in order of creation, refused pods last. */
export async function scheduleSnapshot(cluster: SnapshotCluster): Promise<readonly Placement[]> {
  const { sim, api, scheduler, pending, refused } = cluster
  const records = new Map<PodRow, Placement>()
  scheduler.attend((row) => pending.has(row))
  scheduler.observe((decision) => {
    const { pod, node, outcome, feasible, evaluated, attempt } = decision
    const name = pending.get(pod)
    if (name === undefined) return
    const before = records.get(pod)
    const isBound = outcome === 'bound'
    const chosen = isBound ? decision.verdicts().find((verdict) => verdict.node === node) : undefined
    const scores = chosen?.scores ?? []
    records.set(pod, {
      pod: name,
      outcome: isBound ? 'bound' : 'pending',
      node: isBound && node !== NO_NODE ? api.nodeRows.nameOf(node) : '',
      score:
        scores.length === 0 ? undefined : scores.reduce((sum, one) => sum + one.normalized * one.weight, 0),
      boundAfter: isBound ? sim.now : undefined,
      feasible,
      evaluated,
      attempts: attempt,
      message: isBound ? (before?.victims.length ? before.message : '') : decision.message(),
      victims: [...(before?.victims ?? []), ...decision.victims.map((victim) => api.pods.keyOf(victim))],
    })
  })
  await settle(cluster)
  const placements = [...pending].map(([row, pod]) => records.get(row) ?? undecided(cluster, row, pod))
  return [...placements, ...refused.map(({ pod, message }) => nothing(pod, 'refused', message))]
}

/** A pod that had no cycle: something keeps it out of the queue, or nobody schedules it. */
function undecided({ api, scheduler }: SnapshotCluster, row: PodRow, pod: string): Placement {
  const { schedulerName } = api.pods.infoOf(row)
  const profile = scheduler.profiles.get(schedulerName)
  if (profile === undefined) {
    const known = [...scheduler.profiles.keys()].join(', ')
    return nothing(pod, 'ignored', `no scheduler is named ${schedulerName}: known are ${known}`)
  }
  const { gate } = profile.classOf(scheduler.cluster.shapes.shapeOf(row))
  return nothing(pod, 'gated', gate?.rejection.reasons.join(', ') ?? 'it was not tried')
}

function nothing(pod: string, outcome: Placement['outcome'], message: string): Placement {
  return {
    pod,
    outcome,
    message,
    node: '',
    score: undefined,
    boundAfter: undefined,
    feasible: 0,
    evaluated: 0,
    attempts: 0,
    victims: [],
  }
}
