import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { Handler, Simulation, Timer } from '../engine/simulation.ts'
import type { SchedulingQueue } from './queue.ts'

/** Wakes the scheduling queue when the first of its times falls due. */
export class FlushTimer {
  readonly #sim: Simulation
  readonly #queue: SchedulingQueue
  readonly #flush: Handler
  #timer: Timer | undefined
  #due: Micros = NEVER

  constructor(sim: Simulation, queue: SchedulingQueue, after: () => void) {
    this.#sim = sim
    this.#queue = queue
    this.#flush = sim.handler('scheduler/flush', () => {
      this.#due = NEVER
      queue.flush(sim.now)
      after()
    })
  }

  /** Sets the timer to the queue's next time, unless it is set to an earlier one. */
  arm(): void {
    const due = this.#queue.nextFlush(this.#sim.now)
    if (due >= this.#due) return
    if (this.#timer !== undefined && this.#due !== NEVER) this.#sim.cancel(this.#timer)
    this.#due = due
    this.#timer = this.#sim.at(due, this.#flush)
  }
}
