import type { Micros } from '../base/time.ts'
import type { HeapEntry } from './entry-heap.ts'
import type { QueuePlace, QueuedPod } from './queued-pod.ts'

/**
 * The pods of a PodGroup in the scheduling queue: one entry of it, tried in one cycle.
 *
 *     first pod came ─▶ active ─pop─▶ in-flight ─ all bound ─▶ (left the queue)
 *        │                ▲ ▲            │
 *        ▼                │ └─ backoff ◀─┤ rejected, or failed by an error
 *      gated ─────────────┘              └─▶ active, when it was scheduled and pods are left
 *
 * A group that was rejected is tried again after its back-off, whatever happened.
 */
export interface QueuedGroup {
  /** `namespace/name` of its PodGroup. */
  readonly key: string
  /** Its pods that are queued or in flight, in order of arrival. */
  readonly members: Set<QueuedPod>
  /** Pods that came, or came back, while the others were in flight. */
  readonly arrived: Set<QueuedPod>
  /** `spec.priority` of the PodGroup, not of its pods. */
  priority: number
  place: QueuePlace
  /** Creation or last failure: the second key of the active queue. */
  timestamp: Micros
  /** Breaks ties of the timestamp: order of creation or failure. */
  sequence: number
  /** Times that it was popped. */
  attempts: number
  rejections: number
  errors: number
  backoffUntil: Micros
  /** A member that PreEnqueue keeps out, and the others with it; undefined when none is known. */
  gatedBy: QueuedPod | undefined
  /** Its valid entry in a heap; entries that are not this one are stale. */
  entry: HeapEntry<QueuedGroup> | undefined
}

/** What a cycle of a group came to: all that it needs was scheduled, it was rejected, or it could not be decided on. */
export type GroupOutcome = 'scheduled' | 'rejected' | 'error'
