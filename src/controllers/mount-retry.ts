import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** Kubelet v1.37, goroutinemap/exponentialbackoff `initialDurationBeforeRetry`, `maxDurationBeforeRetry`. */
const FIRST: Micros = 500 * MILLISECOND
const LONGEST: Micros = 122 * SECOND

/**
 * The first try of a kubelet, at or after an instant, to find the volumes of a pod attached for which it has waited since `heldAt`:
 * half a second after the first, then after twice as long each time, up to 2 min 2 s.
 */
export function nextMountRetry(heldAt: Micros, instant: Micros): Micros {
  let at = heldAt
  for (let wait = FIRST; at < instant; wait = Math.min(wait * 2, LONGEST)) at += wait
  return at
}
