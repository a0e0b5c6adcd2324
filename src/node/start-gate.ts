import type { NodeRow, PodRow } from '../cluster/rows.ts'

/** What pods wait for once their node has taken them, before anything of them starts: their volumes. */
export interface StartGate {
  /** Whether the pod has to wait; who says so has it begin later. */
  readonly holds: (pod: PodRow, node: NodeRow) => boolean
}
