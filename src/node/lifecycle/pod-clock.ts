import { NEVER } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { Timer } from '../../engine/simulation.ts'
import type { WorkerHost } from './worker-host.ts'

/** What one pod waits for as a whole: its sandbox, and the end of its `activeDeadlineSeconds`. */
export class PodClock {
  readonly #host: WorkerHost
  readonly #pod: PodRow
  readonly #node: NodeRow
  #sandboxTimer: Timer | undefined
  #deadlineTimer: Timer | undefined
  /** When its `activeDeadlineSeconds` are over, however often its machine goes down. */
  #deadline = NEVER

  constructor(host: WorkerHost, pod: PodRow, node: NodeRow) {
    this.#host = host
    this.#pod = pod
    this.#node = node
  }

  /** The pod may be active for so long from now on. */
  setDeadline(span: Micros): void {
    this.#deadline = this.#host.sim.now + span
  }

  /** Has the worker told when the deadline is over, if there is one. */
  awaitDeadline(): void {
    const { sim, handlers } = this.#host
    if (this.#deadline === NEVER) return
    this.#deadlineTimer = sim.at(Math.max(sim.now, this.#deadline), handlers.deadline, this.#pod)
  }

  /** Begins to make the sandbox; returns whether it is there at once, else the worker is told. */
  makeSandbox(runtimeHandler: string | undefined): boolean {
    const { sim, handlers } = this.#host
    const time = this.#host.sandboxTime(runtimeHandler, this.#node)
    if (time === 0) return true
    this.#sandboxTimer = sim.after(time, handlers.sandbox, this.#pod)
    return false
  }

  sandboxReady(): void {
    this.#sandboxTimer = undefined
  }

  deadlineOver(): void {
    this.#deadlineTimer = undefined
  }

  /** Nothing is waited for any more. */
  stop(): void {
    for (const timer of [this.#sandboxTimer, this.#deadlineTimer]) {
      if (timer !== undefined) this.#host.sim.cancel(timer)
    }
    this.#sandboxTimer = undefined
    this.#deadlineTimer = undefined
  }
}
