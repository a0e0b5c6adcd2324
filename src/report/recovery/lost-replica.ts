import type { Micros } from '../../base/time.ts'
import { CAUSES, CAUSE_PLACES } from './causes.ts'
import type { Cause } from './causes.ts'
import type { Interruptions } from './interruptions.ts'
import type { Outage } from './outage.ts'
import type { GroupWatch } from './group-watch.ts'

/** What is known of a pod as it is lost. */
export interface LostPod {
  /** Millicores times microseconds of running time that are thrown away. */
  readonly lostWork: number
  /** Millicores. */
  readonly cpu: number
  /** Whether it stays on a node that does not answer, whatever taints that has. */
  readonly stays: boolean
}

/**
 * One replica that a failure took away, until a pod in its place is ready, whatever becomes of that meanwhile.
 *
 *     on its node ─ deletion ─▶ going ─▶ gone ─ made again ─▶ pending ─▶ bound ─▶ running ─ ready ─▶ over
 *          └─ its machine is back ─▶ starts again on it ────────────────────────────────────┘
 *
 * Its time is told off in spans: each belongs to the cause that is known when it ends, so that spans never overlap, leave no gap, and
 * sum to the time from loss to recovery.
 */
export class LostReplica {
  /** The outage that took it, to which all of its time counts. */
  readonly outage: Outage
  /** Its workload while the failure lasts. */
  readonly watch: GroupWatch
  readonly startedAt: Micros
  readonly pod: LostPod
  /** Millicores times microseconds of running time that are thrown away. */
  lostWork: number
  /** Microseconds by cause; those of the span under way are not in yet. */
  readonly spans = new Float64Array(CAUSES.length)
  /** Since when it waits for what it waits for. */
  since: Micros
  /** What it waits for; undefined on a node with a fault, where only the end tells. */
  cause: Cause | undefined = undefined
  /** The outage of the node that it is on now. */
  at: Outage
  /** Why the scheduler found no place for it last. */
  waitCause: Cause | undefined = undefined
  evictedAt: Micros | undefined = undefined
  goneAt: Micros | undefined = undefined
  createdAt: Micros | undefined = undefined
  boundAt: Micros | undefined = undefined
  runningAt: Micros | undefined = undefined
  readyAt: Micros | undefined = undefined
  /** When it recovered, or was no longer wanted; undefined as long as neither. */
  endedAt: Micros | undefined = undefined
  /** Millicores times microseconds that were done again of the work that was lost. */
  redoneWork = 0

  readonly #interruptions: Interruptions

  constructor(
    parts: { readonly outage: Outage; readonly watch: GroupWatch; readonly interruptions: Interruptions },
    pod: LostPod,
    at: Micros,
  ) {
    const { outage, watch } = parts
    this.#interruptions = parts.interruptions
    this.outage = outage
    this.watch = watch
    this.pod = pod
    this.lostWork = pod.lostWork
    this.startedAt = at
    this.since = at
    this.at = outage
  }

  /** Time that it was lost, of the spans told off so far. */
  get lostTime(): Micros {
    return this.since - this.startedAt
  }

  /** What it waited for until now was this, but for times at which the control plane could not do it. */
  tellOff(cause: Cause, until: Micros): void {
    if (until === this.since) return
    const interrupted = this.#interruptions.within(cause, this.since, until)
    if (interrupted > 0) this.#interruptions.tell(cause, this.since, until)
    this.#add(cause, until - this.since - interrupted)
    this.#add('control_plane', interrupted)
    this.since = until
  }

  /** Tells off its wait for a node: a try that failed after a back-off shows that it was not that which was waited for. */
  tellOffWait(until: Micros): void {
    const { cause = 'scheduler', waitCause } = this
    this.tellOff(cause === 'scheduler_backoff' && waitCause !== undefined ? waitCause : cause, until)
  }

  /** Tells off what it waited for, and says what it waits for now. */
  turn(cause: Cause, now: Micros): void {
    this.settle(now)
    this.cause = cause
  }

  /** Tells off all time until now. */
  settle(now: Micros): void {
    if (this.cause === undefined) this.#settleOnNode(now)
    else this.tellOff(this.cause, now)
  }

  /** It waits on a node that has a fault. */
  strand(outage: Outage, now: Micros): void {
    this.settle(now)
    this.cause = undefined
    this.at = outage
  }

  /** The node that it was on has no fault any more, or starts it again: all that time it was the machine that it waited for. */
  repaired(next: Cause, now: Micros): void {
    this.tellOff('machine_repair', now)
    this.cause = next
  }

  /** Its pod is to go: nothing of one that came before counts any more. */
  evicted(at: Micros): void {
    this.evictedAt ??= at
    this.waitCause = undefined
    this.goneAt = undefined
    this.createdAt = undefined
    this.boundAt = undefined
    this.runningAt = undefined
  }

  /** It has run since it was ready again: that much of its work is done again. */
  redo(at: Micros): void {
    const done = this.pod.cpu * (at - (this.readyAt ?? at))
    this.redoneWork = Math.min(this.lostWork, done)
  }

  #add(cause: Cause, span: Micros): void {
    const place = CAUSE_PLACES[cause]
    this.spans[place] = (this.spans[place] as number) + span
  }

  /** Detection, then the queue for the taint, then the time for which the pod tolerates that. */
  #settleOnNode(now: Micros): void {
    if (this.pod.stays) {
      this.tellOff('machine_repair', now)
      return
    }
    const { detectedAt = now, taintedAt = now } = this.at
    this.tellOff('detection', Math.min(now, Math.max(this.since, detectedAt)))
    this.tellOff('taint_queue', Math.min(now, Math.max(this.since, taintedAt)))
    this.tellOff('toleration', now)
  }
}
