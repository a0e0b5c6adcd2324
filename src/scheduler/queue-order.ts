import type { HeapEntry } from './entry-heap.ts'

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
