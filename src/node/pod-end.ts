import type { Micros } from '../base/time.ts'
import type { PodDetails } from '../cluster/pod-details.ts'
import type { PodRow } from '../cluster/rows.ts'

/** How a pod is Failed that its node ends. */
export interface PodEnd {
  /** `status.reason`. */
  readonly reason: string
  /** What else the kubelet says of it. */
  readonly details?: PodDetails | undefined
}

/**
 * What a kubelet says of a pod that it ends for the node's sake: a message, and, where that counts as a disruption, the
 * condition DisruptionTarget with reason TerminationByKubelet.
 */
export function endDetails(message: string, isDisruption: boolean): PodDetails {
  if (!isDisruption) return { message }
  return {
    message,
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }],
  }
}

/**
 * Hears of running time that was thrown away: `span` of a pod that was to end some day, and why:
 * `MachineDown`, `Evicted`, or the reason of the pod's deletion or failure. `cores` is what it had asked for.
 */
export type LostWorkListener = (lost: {
  readonly pod: PodRow
  readonly span: Micros
  readonly cores: number
  readonly cause: string
}) => void
