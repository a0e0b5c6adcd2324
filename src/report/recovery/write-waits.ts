import type { Micros } from '../../base/time.ts'
import type { WriteWait } from '../sources.ts'

/** Writes that waited in some time, and for how long of it. */
export interface WaitSums {
  readonly writes: number
  readonly time: Micros
}

/** A failure, and what waited while it lasted. */
interface Span {
  readonly from: Micros
  until: Micros
  writes: number
  time: Micros
}

const NONE: WaitSums = Object.freeze({ writes: 0, time: 0 })

/**
 * Sums up for each failure the times that writes waited for the API server while it lasted. No wait is kept.
 *
 * A wait is told of as it ends, so that it counts in whole for all failures that last, and that part is taken off again which lies before
 * those that began meanwhile; of those that ended meanwhile it is added that they saw. A wait costs O(failures that began or ended in it).
 */
export class WriteWaits {
  /** In order of their beginning, and of their end. */
  readonly #begun: Span[] = []
  readonly #ended: Span[] = []
  readonly #spans = new Map<number, Span>()
  /** What waited in all. */
  #writes = 0
  #time = 0

  /** A failure begins now. */
  began(id: number, now: Micros): void {
    const span = { from: now, until: Number.POSITIVE_INFINITY, writes: -this.#writes, time: -this.#time }
    this.#spans.set(id, span)
    this.#begun.push(span)
  }

  /** It ends. */
  ended(id: number, now: Micros): void {
    const span = this.#spans.get(id)
    if (span === undefined) return
    span.until = now
    span.writes += this.#writes
    span.time += this.#time
    this.#ended.push(span)
  }

  /** A write has waited until now. */
  waited({ from, until }: WriteWait): void {
    this.#writes += 1
    this.#time += until - from
    for (let place = this.#begun.length - 1; place >= 0; place--) {
      const span = this.#begun[place] as Span
      if (span.from <= from) break
      if (span.until <= until) continue
      span.time -= span.from - from
      if (span.from === until) span.writes -= 1
    }
    for (let place = this.#ended.length - 1; place >= 0; place--) {
      const span = this.#ended[place] as Span
      if (span.until <= from) break
      const part = span.until - Math.max(span.from, from)
      if (part <= 0) continue
      span.writes += 1
      span.time += part
    }
  }

  /** What waited while a failure lasted, so far. */
  of(id: number): WaitSums {
    const span = this.#spans.get(id)
    if (span === undefined) return NONE
    const { writes, time } = span
    if (span.until < Number.POSITIVE_INFINITY) return { writes, time }
    return { writes: writes + this.#writes, time: time + this.#time }
  }
}
