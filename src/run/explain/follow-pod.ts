import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { NodeVerdict } from '../../scheduler/decision.ts'
import type { ReplayedRun } from '../run.ts'
import { explainAsItStands, explainDecision } from './explain-pod.ts'
import type { Explanation, SeenDecision } from './explanation.ts'

/** What was seen of a pod while its run went on. */
export interface PodTrail {
  readonly pod: string
  readonly decisions: SeenDecision[]
  bound: { readonly at: Micros; readonly node: string; readonly verdicts: readonly NodeVerdict[] } | undefined
  /** The cluster explained before the cycle that was asked for. */
  before: Explanation | undefined
}

/** When a run that is watched for a pod has shown enough. */
export interface StopPoint {
  readonly whenBound: boolean
  /** Number of the pod's cycle, from 0, before which it is explained as the cluster stands; undefined for none. */
  readonly before: number | undefined
}

/** Watches the decisions about a pod, with details, and stops the run where it is told to. */
export function followPod({ sim, api, scheduler }: ReplayedRun, pod: string, stop: StopPoint): PodTrail {
  const trail: PodTrail = { pod, decisions: [], bound: undefined, before: undefined }
  const isFollowed = (row: PodRow): boolean => api.pods.keyOf(row) === pod
  scheduler.attend((row) => {
    if (!isFollowed(row)) return false
    if (trail.before !== undefined || trail.decisions.length !== stop.before) return true
    trail.before = explainAsItStands({ pod, now: sim.now, decisions: [], notes: [] }, scheduler, row)
    sim.stop()
    return true
  })
  scheduler.observe((decision) => {
    if (trail.bound !== undefined || trail.before !== undefined || !isFollowed(decision.pod)) return
    const { outcome, attempt, feasible, evaluated } = decision
    const node = decision.node === NO_NODE ? '' : api.nodeRows.nameOf(decision.node)
    const isBound = outcome === 'bound'
    trail.decisions.push({
      at: sim.now / SECOND,
      attempt,
      outcome,
      node,
      feasible,
      evaluated,
      message: isBound ? '' : decision.message(),
      victims: decision.victims.map((victim) => api.pods.keyOf(victim)),
    })
    if (!isBound) return
    trail.bound = { at: sim.now, node, verdicts: decision.verdicts() }
    if (stop.whenBound) sim.stop()
  })
  return trail
}

/** Place among the decisions of the first that made room by preemption; -1 for none. */
export function nominationOf({ decisions }: PodTrail): number {
  return decisions.findIndex(({ outcome }) => outcome === 'nominated')
}

/** The explanation of a pod that a decision bound. */
export function explainBound(
  { api, scheduler }: ReplayedRun,
  trail: PodTrail,
  bound: NonNullable<PodTrail['bound']>,
  notes: readonly string[],
): Explanation {
  const about = { pod: trail.pod, now: bound.at, decisions: trail.decisions, notes }
  return explainDecision(about, bound, {
    nameOf: ({ node }) => api.nodeRows.nameOf(node as NodeRow),
    count: scheduler.cluster.order.length,
  })
}

/**
 * The explanation of the moment before preemption made room, with the decisions of the whole trail. Of equal candidates the
 * one that was taken counts.
 */
export function withTrail(explanation: Explanation, trail: PodTrail): Explanation {
  const { decisions } = trail
  const note = 'explained as the cluster stood before preemption made room for it'
  const taken = decisions[nominationOf(trail)]
  const { preemption } = explanation
  const result = { ...explanation, decisions, notes: [...explanation.notes, note] }
  if (taken === undefined || preemption === undefined) return result
  const { node, victims, message } = taken
  return { ...result, message, preemption: { ...preemption, nominatedNode: node, victims } }
}
