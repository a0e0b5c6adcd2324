import type { HeapEntry } from './entry-heap.ts'
import type { PodShapes } from './pod-shapes.ts'
import type { QueuedPod } from './queued-pod.ts'

/** PrioritySort: higher priority first, then the earlier timestamp. */
export function isEarlierActive(one: HeapEntry, other: HeapEntry): boolean {
  if (one.owner.priority !== other.owner.priority) return one.owner.priority > other.owner.priority
  if (one.timestamp !== other.timestamp) return one.timestamp < other.timestamp
  return one.sequence < other.sequence
}

/** Earlier end of the back-off first, then as `isEarlierActive`. */
export function isEarlierBackoff(one: HeapEntry, other: HeapEntry): boolean {
  return one.until === other.until ? isEarlierActive(one, other) : one.until < other.until
}

/** Orders of the active and the back-off queue. */
interface QueueOrder<Owner> {
  readonly active: (one: HeapEntry<Owner>, other: HeapEntry<Owner>) => boolean
  readonly backoff: (one: HeapEntry<Owner>, other: HeapEntry<Owner>) => boolean
}

/** Those of kube-scheduler. */
export const PRIORITY_SORT = { active: isEarlierActive, backoff: isEarlierBackoff } as const

/** As `PRIORITY_SORT`, but what has the same timestamp goes by name. */
export function nameSort(shapes: Pick<PodShapes, 'keyOf'>): QueueOrder<QueuedPod> {
  const active = (one: HeapEntry<QueuedPod>, other: HeapEntry<QueuedPod>): boolean => {
    const isTied = one.owner.priority === other.owner.priority && one.timestamp === other.timestamp
    if (!isTied) return isEarlierActive(one, other)
    return shapes.keyOf(one.owner.row) < shapes.keyOf(other.owner.row)
  }
  return {
    active,
    backoff: (one, other) => (one.until === other.until ? active(one, other) : one.until < other.until),
  }
}
