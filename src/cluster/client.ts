import { TokenBucket } from '../base/token-bucket.ts'
import type { Micros } from '../base/time.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import type { ApiLoad, WaitReason } from './api-load.ts'
import type { PriorityLevelName } from './priority-levels.ts'
import type { RequestServer } from './request-server.ts'

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
  /** Since when the first write has waited for the API server, or for a leader; undefined: it has not. */
  #since: Micros | undefined

  /** `settled` hears once, when the last write is done after `close`. */
  constructor(client: Client, settled: (hasFailed: boolean) => void) {
    this.#client = client
    this.#settled = settled
  }

  /** Nobody could make the first write since then. */
  waitedSince(since: Micros): void {
    this.#since = since
  }

  /**
   * Makes a write as soon as the client's limit lets, now if it does; in order. `write` says whether it succeeded: if not the
   * key is tried again later. It has to look again at what it is about when it is made later.
   */
  do(write: () => boolean): 'done' | 'failed' | 'later' {
    let outcome: 'done' | 'failed' | 'later' = 'later'
    this.#pending += 1
    if (this.#since !== undefined) this.#client.tellUnavailable(this.#since)
    this.#since = undefined
    this.#client.call({
      write: () => {
        outcome = write() ? 'done' : 'failed'
        this.#ended(outcome === 'failed')
      },
      abandoned: () => this.#ended(true),
    })
    return outcome
  }

  /** No more writes will come. */
  close(): void {
    this.#isOpen = false
    this.#settle()
  }

  /** Only after the write: it may have asked for others. */
  #ended(hasFailed: boolean): void {
    if (hasFailed) this.#hasFailed = true
    this.#pending -= 1
    this.#settle()
  }

  #settle(): void {
    if (!this.#isOpen && this.#pending === 0) this.#settled(this.#hasFailed)
  }
}

/** What of an API server a client needs. */
export interface ClientServer {
  readonly load: ApiLoad
  readonly requests: RequestServer | undefined
}

/** A write that a client is asked for. */
export interface ClientCall {
  readonly write: () => void
  /** It will not be made: the process that wanted it has ended. */
  readonly abandoned: () => void
}

interface WaitingCall extends ClientCall {
  /** Since when it waits for what it waits for now. */
  since: Micros
}

/**
 * A client of the API server with a rate limit: writes wait in line for a token. Source: client-go v1.37, util/flowcontrol
 * (token bucket that starts full).
 */
export class Client {
  readonly #sim: Simulation
  readonly #name: string
  readonly #waiting: WaitingCall[] = []
  readonly #next: Handler
  readonly #bucket: TokenBucket | undefined
  #server: ClientServer | undefined
  #level: PriorityLevelName = 'workload-high'
  #isWaiting = false
  #isPaused = false

  constructor(sim: Simulation, name: string, limits: ClientLimits) {
    this.#sim = sim
    this.#name = name
    this.#bucket =
      limits.qps === Number.POSITIVE_INFINITY ? undefined : new TokenBucket(limits.qps, limits.burst)
    this.#next = sim.handler(`${name}/call`, () => this.#drain())
  }

  /** Its writes take seats at a server from now on, if that has any, and it tells how long they wait. */
  attach(server: ClientServer, level: PriorityLevelName = 'workload-high'): void {
    this.#server = server
    this.#level = level
  }

  call(call: ClientCall): void {
    if (this.#waiting.length === 0 && this.#mayWrite()) {
      this.#send(call)
      return
    }
    this.#waiting.push({ ...call, since: this.#sim.now })
    if (this.#waiting.length === 1) this.#wait()
  }

  /** Makes no writes, as a process that does not reach the API server, or goes on. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#tellWaits(isPaused ? 'client limit' : 'unavailable')
    this.#isPaused = isPaused
    if (!isPaused && this.#waiting.length > 0) this.#wait()
  }

  /** The process has ended: writes that wait are not made. */
  abandon(): void {
    for (const { abandoned } of this.#waiting.splice(0)) abandoned()
  }

  /** Tells of a write that could not be asked for since an instant, and is now. */
  tellUnavailable(since: Micros): void {
    this.#told(since, 'unavailable')
  }

  #drain(): void {
    this.#isWaiting = false
    while (this.#waiting.length > 0 && this.#mayWrite()) {
      const call = this.#waiting.shift()
      if (call === undefined) return
      this.#tell(call, 'client limit')
      this.#send(call)
    }
    if (this.#waiting.length > 0) this.#wait()
  }

  #send({ write }: ClientCall): void {
    const requests = this.#server?.requests
    if (requests === undefined) write()
    else requests.request({ level: this.#level, flow: this.#name, write })
  }

  #wait(): void {
    if (this.#isWaiting || this.#isPaused) return
    this.#isWaiting = true
    const { now } = this.#sim
    this.#sim.at(this.#bucket?.nextAt(now) ?? now, this.#next)
  }

  /** Whether a write may be made now; it is counted. */
  #mayWrite(): boolean {
    return !this.#isPaused && (this.#bucket?.take(this.#sim.now) ?? true)
  }

  #tellWaits(reason: WaitReason): void {
    for (const call of this.#waiting) {
      this.#tell(call, reason)
      call.since = this.#sim.now
    }
  }

  #tell({ since }: WaitingCall, reason: WaitReason): void {
    this.#told(since, reason)
  }

  #told(since: Micros, reason: WaitReason): void {
    const load = this.#server?.load
    if (load?.isObserved !== true) return
    load.told({ client: this.#name, reason, from: since, until: this.#sim.now })
  }
}
