import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'

/** What one plugin gave a node: the score as it returned it, after normalisation, and the weight of that. */
export interface NodeScore {
  readonly plugin: string
  readonly raw: number
  readonly normalized: number
  readonly weight: number
}

/** What a scheduling cycle said of one node that it looked at. */
export interface NodeVerdict {
  readonly node: NodeIndex
  /** `Success`, or the code of the rejection. */
  readonly code: string
  /** Plugin that rejected the node; empty when none did. */
  readonly plugin: string
  readonly reasons: readonly string[]
  /** Empty when the node was rejected, or taken without being scored. */
  readonly scores: readonly NodeScore[]
}

/** What one scheduling cycle came to; the same object is refilled for each cycle, so copy what you keep. */
export interface Decision {
  pod: PodRow
  /** Node that the pod was bound to, waits with, or was nominated to; `NO_NODE` when neither. */
  node: NodeRow
  outcome: 'bound' | 'waiting' | 'nominated' | 'unschedulable' | 'error'
  /** Attempts of this pod, this one included. */
  attempt: number
  /** Feasible nodes that were found. */
  feasible: number
  /** Nodes that were looked at. */
  evaluated: number
  /** Plugins that rejected the pod, when it was unschedulable; shared and frozen. */
  rejectedBy: readonly string[]
  /** Makes the FitError message, empty for a pod that has a node; only valid inside the observer's call. */
  message: () => string
  /**
   * What was said of each node that was looked at, in the order of the nodes; empty unless the scheduler keeps details.
   * Only valid inside the observer's call.
   */
  verdicts: () => readonly NodeVerdict[]
  /** Pods whose deletion was asked for to make room. */
  victims: readonly PodRow[]
}

/** What tells of the present decision. */
export type DecisionTold = Pick<Decision, 'message' | 'verdicts'>

/** Hears of each decision inside the cycle; measures, and must not write. */
export type DecisionObserver = (decision: Decision) => void

/** A decision to be refilled, with what tells of the present one. */
export function emptyDecision(tell: DecisionTold): Decision {
  return {
    pod: 0 as PodRow,
    node: NO_NODE,
    outcome: 'bound',
    attempt: 0,
    feasible: 0,
    evaluated: 0,
    rejectedBy: [],
    victims: [],
    ...tell,
  }
}

const NO_VICTIMS: readonly PodRow[] = Object.freeze([])
const NO_PLUGINS: readonly string[] = Object.freeze([])

/** A decision about a pod begins: what was said of the one before is gone. */
export function beginDecision(
  decision: Decision,
  pod: { readonly row: PodRow; readonly attempts: number },
  { message, verdicts }: DecisionTold,
): void {
  decision.pod = pod.row
  decision.attempt = pod.attempts
  decision.victims = NO_VICTIMS
  decision.rejectedBy = NO_PLUGINS
  decision.message = message
  decision.verdicts = verdicts
}

/** The search for a node found so many feasible ones, of so many that it looked at. */
export function noteSearch(
  decision: Decision,
  search: { readonly feasible: number; readonly evaluated: number },
): void {
  decision.feasible = search.feasible
  decision.evaluated = search.evaluated
}

/** Plugins rejected the pod, after a look at so many nodes. */
export function noteRejection(
  decision: Decision,
  rejection: { readonly rejectedBy: readonly string[]; readonly evaluated: number },
): void {
  decision.node = NO_NODE
  decision.outcome = 'unschedulable'
  decision.feasible = 0
  decision.evaluated = rejection.evaluated
  decision.rejectedBy = rejection.rejectedBy
}
