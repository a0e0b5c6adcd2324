import type { RandomStream } from '../base/random.ts'
import { MILLISECOND, SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'

/** First wait, and the longest before jitter. */
const FIRST: Micros = 800 * MILLISECOND
const LONGEST: Micros = 30 * SECOND

/**
 * How long a client that got no answer `failures` times before waits for its next try: 800 ms, doubling to 30 s, and up to as long again.
 *
 * Source: client-go v1.37, tools/cache `NewReflectorWithOptions` (exponential back-off 800 ms to 30 s, factor 2, jitter 1).
 */
export function retryWait(failures: number, stream: RandomStream): Micros {
  const wait = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 16))
  return Math.round(wait * (1 + stream.uniform()))
}

/** How often a kubelet posts its status and renews its lease, whether it got an answer or not (`nodeStatusUpdateFrequency`). */
const HEARTBEAT: Micros = 10 * SECOND

/**
 * How long after the end of an outage of this length a kubelet is back: its next try to list its pods is due, after waits that grew longer, or
 * its next heartbeat, whichever comes first.
 */
export function returnDelay(outage: Micros, stream: RandomStream): Micros {
  const heartbeat = Math.round(HEARTBEAT * stream.uniform())
  let triesAt = 0
  for (let failures = 0; triesAt < outage; failures++) triesAt += retryWait(failures, stream)
  return Math.min(heartbeat, triesAt - outage)
}
