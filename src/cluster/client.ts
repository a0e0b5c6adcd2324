import { TokenBucket } from '../base/token-bucket.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'

/** How often a client may write: `qps` on average, `burst` at once. */
export interface ClientLimits {
  readonly qps: number
  readonly burst: number
}

/** Limits of kube-controller-manager (v1.37, `--kube-api-qps`, `--kube-api-burst`); each controller has a client of its own. */
export const CONTROLLER_LIMITS: ClientLimits = { qps: 20, burst: 30 }

/** A client without limits. */
export const NO_LIMITS: ClientLimits = { qps: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY }

/** Writes of one reconciliation, which is over when all of them are done. */
export class Calls {
  readonly #client: Client
  readonly #settled: (hasFailed: boolean) => void
  #pending = 0
  #hasFailed = false
  #isOpen = true

  /** `settled` hears once, when the last write is done after `close`. */
  constructor(client: Client, settled: (hasFailed: boolean) => void) {
    this.#client = client
    this.#settled = settled
  }

  /**
   * Makes a write as soon as the client's limit lets, now if it does; in order. `write` says whether it succeeded: if not the
   * key is tried again later. It has to look again at what it is about when it is made later.
   */
  do(write: () => boolean): 'done' | 'failed' | 'later' {
    let outcome: 'done' | 'failed' | 'later' = 'later'
    this.#pending += 1
    this.#client.call(() => {
      outcome = write() ? 'done' : 'failed'
      if (outcome === 'failed') this.#hasFailed = true
      // Only now: the write may have asked for others.
      this.#pending -= 1
      this.#settle()
    })
    return outcome
  }

  /** No more writes will come. */
  close(): void {
    this.#isOpen = false
    this.#settle()
  }

  #settle(): void {
    if (!this.#isOpen && this.#pending === 0) this.#settled(this.#hasFailed)
  }
}

/**
 * A client of the API server with a rate limit: writes wait in line for a token. Source: client-go v1.37, util/flowcontrol
 * (token bucket that starts full).
 */
export class Client {
  readonly #sim: Simulation
  readonly #waiting: (() => void)[] = []
  readonly #next: Handler
  readonly #bucket: TokenBucket | undefined
  #isWaiting = false

  constructor(sim: Simulation, name: string, limits: ClientLimits) {
    this.#sim = sim
    this.#bucket =
      limits.qps === Number.POSITIVE_INFINITY ? undefined : new TokenBucket(limits.qps, limits.burst)
    this.#next = sim.handler(`${name}/call`, () => this.#drain())
  }

  call(write: () => void): void {
    if (this.#waiting.length === 0 && this.#mayWrite()) {
      write()
      return
    }
    this.#waiting.push(write)
    if (this.#waiting.length === 1) this.#wait()
  }

  #drain(): void {
    this.#isWaiting = false
    while (this.#waiting.length > 0 && this.#mayWrite()) this.#waiting.shift()?.()
    if (this.#waiting.length > 0) this.#wait()
  }

  #wait(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    const { now } = this.#sim
    this.#sim.at(this.#bucket?.nextAt(now) ?? now, this.#next)
  }

  /** Whether a write may be made now; it is counted. */
  #mayWrite(): boolean {
    return this.#bucket?.take(this.#sim.now) ?? true
  }
}
