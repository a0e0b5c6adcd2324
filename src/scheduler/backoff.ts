import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { QueueOptions } from './queue-options.ts'
import type { QueuedPod } from './queued-pod.ts'

/** How often pods whose back-off is over are looked for, and what back-offs are rounded down to. */
export const BACKOFF_WINDOW: Micros = SECOND

/**
 * When the back-off of a pod ends that fails now.
 *
 * Source: kube-scheduler v1.37, backend/queue `calculateBackoffDuration`.
 */
export function backoffEnd(pod: QueuedPod, isError: boolean, now: Micros, options: QueueOptions): Micros {
  const count = isError ? pod.errors : pod.rejections
  const { initialBackoff, groups } = options
  // A gang is tried as one, so its pods may back off for longer: by the square root of its size.
  const size = groups?.sizeFor(pod.row) ?? 1
  const maxBackoff = Math.trunc(options.maxBackoff * Math.sqrt(size))
  let span = initialBackoff
  for (let i = 1; i < count && span < maxBackoff; i++) span *= 2
  const end = now + Math.min(span, maxBackoff)
  return options.popsFromBackoff ? end - (end % BACKOFF_WINDOW) : end
}

/** An end that is now is not over; with the gate on, the end and the present are both whole seconds. */
export function isBackingOff(pod: QueuedPod, now: Micros, { popsFromBackoff }: QueueOptions): boolean {
  return pod.backoffUntil >= (popsFromBackoff ? now - (now % BACKOFF_WINDOW) : now)
}
