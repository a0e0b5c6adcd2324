import type { Micros } from '../../base/time.ts'
import type { WriteWait } from '../sources.ts'

/** Writes that waited in some time, and for how long of it. */
export interface WaitSums {
  readonly writes: number
  readonly time: Micros
}

/** Keeps the times that writes waited for the API server. */
export class WriteWaits {
  readonly #from: Micros[] = []
  readonly #until: Micros[] = []

  /** A write has waited. */
  waited({ from, until }: WriteWait): void {
    this.#from.push(from)
    this.#until.push(until)
  }

  /** What waited within a time. O(waits). */
  within(start: Micros, end: Micros): WaitSums {
    let writes = 0
    let time = 0
    for (let index = 0; index < this.#from.length; index++) {
      const from = Math.max(start, this.#from[index] as number)
      const until = Math.min(end, this.#until[index] as number)
      if (until <= from) continue
      writes += 1
      time += until - from
    }
    return { writes, time }
  }
}
