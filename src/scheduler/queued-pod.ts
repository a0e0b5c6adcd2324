import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { PodClass } from './pod-class.ts'
import type { Profile } from './profile.ts'
import type { WaitingGroup } from './waiting-groups.ts'

/** Where in the scheduling queue a pod is. */
export type QueuePlace = 'active' | 'backoff' | 'error-backoff' | 'unschedulable' | 'gated' | 'in-flight'

/**
 * A pod in the scheduling queue.
 *
 *     created ─▶ active ─pop─▶ in-flight ─done─▶ (left the queue)
 *        │          ▲ ▲            │
 *        ▼          │ └─ backoff ◀─┤ failed, and worth another try
 *      gated ───────┘       ▲      ▼
 *                           └─ unschedulable ─ a hint, activation, or 5 minutes
 */
export interface QueuedPod {
  readonly row: PodRow
  readonly serial: number
  readonly profile: Profile
  podClass: PodClass
  readonly priority: number
  place: QueuePlace
  /** Creation or last failure: the second key of the active queue. */
  timestamp: Micros
  /** Breaks ties of the timestamp: order of creation or failure. */
  sequence: number
  /** Times that it was popped. */
  attempts: number
  /** Rejections: the exponent of the back-off. */
  rejections: number
  /** Errors in a row: the exponent of the back-off after an error. */
  errors: number
  /** End of its back-off; meaningful after a failure. */
  backoffUntil: Micros
  /** When the 5 minutes of an unschedulable pod began. */
  waitingSince: Micros
  /** Plugins that rejected it last. */
  rejectedBy: readonly string[]
  /** Plugins of those that wait for something of their own (Pending). */
  pendingBy: readonly string[]
  /** The group of equal rejected pods that it waits in; undefined when it waits by itself, or not at all. */
  group: WaitingGroup | undefined
  /** Its valid entry in a heap; entries that are not this one are stale. */
  entry: HeapEntry | undefined
  /** Index in the list of events at which its flight began. */
  eventsFrom: number
}

/** A place in the active or back-off heap, with the keys as they were when it was pushed. */
export interface HeapEntry {
  readonly pod: QueuedPod
  readonly until: Micros
  readonly timestamp: Micros
  readonly sequence: number
}
