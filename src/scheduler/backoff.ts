import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { QueueOptions } from './queue-options.ts'

/** How often pods whose back-off is over are looked for, and what back-offs are rounded down to. */
export const BACKOFF_WINDOW: Micros = SECOND

/** What the back-off of a pod, or of a group of pods that is queued as one, follows from. */
export interface Backoff {
  /** Rejections: the exponent of the back-off. */
  readonly rejections: number
  /** Errors in a row: the exponent of the back-off after an error. */
  readonly errors: number
  /** Its end; meaningful after a failure. */
  readonly backoffUntil: Micros
}

/**
 * When the back-off ends of what fails now; the longest one is multiplied by the square root of the number of `pods` that
 * are tried as one.
 *
 * Source: kube-scheduler v1.37, backend/queue `calculateBackoffDuration`.
 */
export function backoffEnd(
  failed: Backoff,
  isError: boolean,
  now: Micros,
  options: QueueOptions,
  pods = 1,
): Micros {
  const count = isError ? failed.errors : failed.rejections
  const maxBackoff = Math.trunc(options.maxBackoff * Math.sqrt(pods))
  let span = options.initialBackoff
  for (let i = 1; i < count && span < maxBackoff; i++) span *= 2
  const end = now + Math.min(span, maxBackoff)
  return options.popsFromBackoff ? end - (end % BACKOFF_WINDOW) : end
}

/** The first multiple of a span that is after the time. */
export function nextMultiple(time: Micros, span: Micros): Micros {
  return time - (time % span) + span
}

/** An end that is now is not over; with the gate on, the end and the present are both whole seconds. */
export function isBackingOff(failed: Backoff, now: Micros, { popsFromBackoff }: QueueOptions): boolean {
  return failed.backoffUntil >= (popsFromBackoff ? now - (now % BACKOFF_WINDOW) : now)
}
