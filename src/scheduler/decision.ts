import type { NodeRow, PodRow } from '../cluster/rows.ts'

/** What one scheduling cycle came to; the same object is refilled for each cycle, so copy what you keep. */
export interface Decision {
  pod: PodRow
  /** Node that the pod was bound to, or nominated to; `NO_NODE` when neither. */
  node: NodeRow
  outcome: 'bound' | 'nominated' | 'unschedulable' | 'error'
  /** Attempts of this pod, this one included. */
  attempt: number
  /** Feasible nodes that were found. */
  feasible: number
  /** Nodes that were looked at. */
  evaluated: number
  /** Plugins that rejected the pod, when it was unschedulable; shared and frozen. */
  rejectedBy: readonly string[]
  /** Makes the FitError message; only valid inside the observer's call. */
  message: () => string
  /** Pods whose deletion was asked for to make room. */
  victims: readonly PodRow[]
}

/** Hears of each decision inside the cycle; measures, and must not write. */
export type DecisionObserver = (decision: Decision) => void
