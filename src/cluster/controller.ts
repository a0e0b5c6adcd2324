import type { Micros } from '../base/time.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import { CONTROLLER_LIMITS, Calls, Client } from './client.ts'
import type { ClientLimits, ClientServer } from './client.ts'
import { WorkQueue } from './work-queue.ts'
import type { RetryBackoff } from './work-queue.ts'

/** What a reconciliation says of its key: nothing, or that it is to be looked at again. */
export interface Reconciled {
  /** Look again after this time, whatever happens. */
  readonly after?: Micros
  /** It failed: look again after a back-off. */
  readonly isFailed?: boolean
}

/** One kind of controller. */
export interface ControllerOptions {
  /** Name of its handlers, `deployment-controller`. */
  readonly name: string
  /** Keys that are worked on at a time; 5 by default, as kube-controller-manager's `--concurrent-*-syncs` have it for most. */
  readonly workers?: number
  /** Those of kube-controller-manager by default. */
  readonly limits?: ClientLimits
  /** Of a key that failed; 5 ms doubling to 1,000 s by default. */
  readonly backoff?: RetryBackoff
  /**
   * Reads the present state of what `key` names, decides, and writes through `calls`. Running it again changes nothing. A key
   * is not reconciled again before all of its writes are done.
   */
  readonly reconcile: (key: string, calls: Calls) => Reconciled | void
}

/**
 * Runs a controller: a rate-limited work queue, a number of workers, a client with a rate limit. Keys are taken in the instant
 * in which they were added, after what was to happen in it already.
 */
export class Controller {
  readonly queue: WorkQueue
  readonly #sim: Simulation
  readonly #options: ControllerOptions
  readonly #client: Client
  readonly #work: Handler
  #busy = 0
  #isScheduled = false
  #isPaused = false
  /** Keys that waited for the end of a pause, and since when, until their first write. */
  readonly #late = new Map<string, Micros>()

  constructor(sim: Simulation, options: ControllerOptions) {
    this.#sim = sim
    this.#options = options
    this.#client = new Client(sim, options.name, options.limits ?? CONTROLLER_LIMITS)
    this.queue = new WorkQueue(sim, options.name, () => this.#wake(), options.backoff)
    this.#work = sim.handler(`${options.name}/work`, () => {
      this.#isScheduled = false
      this.#takeKeys()
    })
  }

  /** Stops taking keys, as a controller without its leader's lease does, or goes on. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    this.#client.setPaused(isPaused)
    if (isPaused) this.queue.hold()
    else for (const [key, since] of this.queue.release()) this.#late.set(key, since)
    if (!isPaused && this.queue.length > 0) this.#wake()
  }

  /**
   * Another process goes on in its place: writes that waited are not made, and keys that backed off are looked at at once, for nobody knows any
   * more that they failed. Keys that are at rest it need not look at: it would find nothing to do.
   */
  restart(): void {
    this.#client.abandon()
    this.queue.restart()
  }

  /** Its writes take seats at a server from now on, if that has any, and it tells how long they wait. */
  attach(server: ClientServer): void {
    this.#client.attach(server)
  }

  #wake(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#sim.after(0, this.#work)
  }

  #takeKeys(): void {
    const workers = this.#options.workers ?? 5
    while (!this.#isPaused && this.#busy < workers) {
      const key = this.queue.take()
      if (key === undefined) return
      this.#busy += 1
      this.#reconcile(key)
    }
  }

  #reconcile(key: string): void {
    let said: Reconciled = {}
    const calls = new Calls(this.#client, (hasFailed) => {
      this.#busy -= 1
      if (hasFailed || said.isFailed === true) this.queue.addRateLimited(key)
      else this.queue.forget(key)
      if (said.after !== undefined) this.queue.addAfter(key, said.after)
      this.queue.done(key)
      if (this.queue.length > 0) this.#wake()
    })
    if (this.#late.size > 0) this.#reconcileLate(key, calls)
    said = this.#options.reconcile(key, calls) ?? {}
    calls.close()
  }

  /** The first write of a key that waited for the end of a pause waited with it; where there is none, nothing did. */
  #reconcileLate(key: string, calls: Calls): void {
    const since = this.#late.get(key)
    if (since === undefined) return
    this.#late.delete(key)
    calls.waitedSince(since)
  }
}
