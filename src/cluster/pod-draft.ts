import type { Micros } from '../base/time.ts'
import type { PodDetails } from './pod-details.ts'
import type { PodOwner } from './pod-table.ts'
import type { NodeRow, TemplateId } from './rows.ts'

/** A pod to create. */
export interface PodDraft {
  readonly template: TemplateId
  /** Effective cpu request in millicores; the template's when left out. */
  readonly cpu?: number
  /** Effective memory request in bytes; the template's when left out. */
  readonly memory?: number
  /** Whether its template is made for its owner alone, and forgotten with the last pod of it. */
  readonly hasOwnTemplate?: boolean
  /** Name of its own; without one its owner names it. */
  readonly name?: string
  readonly owner?: PodOwner
  /** Name of the task whose only pod it is, for the first time: then it has that name, and the task for its owner. */
  readonly taskName?: string
  /** Place among its owner's pods; 0 by default. */
  readonly ordinal?: number
  /** How many pods stood in this place before; 0 by default. */
  readonly attempt?: number
  /** How long it runs once started; for ever by default. */
  readonly duration?: Micros
  /** Peak memory use in bytes, where known. */
  readonly usedMemory?: number
  /** Node that it is bound to from the start. */
  readonly node?: NodeRow
  /** Devices of the node that it has, as a binding gives them; none by default. */
  readonly devices?: number
  /** What it says of itself beyond its template. */
  readonly details?: PodDetails
}

/** Name that the pod of a draft will have, in messages: a pod that is named when it is stored has none yet. */
export function draftName({ name, taskName, owner, ordinal = 0, attempt = 0 }: PodDraft): string {
  return name ?? taskName ?? owner?.podName(ordinal, attempt) ?? ''
}
