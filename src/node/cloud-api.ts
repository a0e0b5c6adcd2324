import type { Sampler } from '../base/distribution.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import type { CloudCall } from '../scenario/cloud.ts'
import type { Handler, PayloadHandler, Simulation, Timer } from '../engine/simulation.ts'

/** How often a cloud answers, and how fast. */
export interface CloudLimits {
  /** Calls a second, all together; undefined: no bound. */
  readonly qps: number | undefined
  /** Calls at once. */
  readonly burst: number
  /** Factor on the time that each call takes. */
  readonly latencyFactor: number
}

/** A cloud without anything said of it. */
export interface CloudOptions {
  /** Time that calls take; those left out as in `CLOUD_LATENCIES`. */
  readonly latencies?: Readonly<Partial<Record<CloudCall, Sampler>>>
  readonly qps?: number | undefined
  /** 1 by default. */
  readonly burst?: number | undefined
}

/**
 * Times of calls that nothing is said of. Ours: a cloud's call about a disk takes seconds. An instance takes none, for the time
 * until a replaced node joins is said as a whole.
 */
export const CLOUD_LATENCIES: Readonly<Record<CloudCall, Micros>> = {
  createInstance: 0,
  deleteInstance: 0,
  createVolume: 5 * SECOND,
  deleteVolume: 5 * SECOND,
  attachVolume: 5 * SECOND,
  detachVolume: 5 * SECOND,
}

interface WaitingCall {
  readonly call: CloudCall
  /** Schedules what comes after the call, so long from now. */
  readonly answer: (latency: Micros) => void
}

/**
 * The API of the cloud under the cluster: a call is done after a time, and waits for its turn where the cloud limits how many it
 * takes a second.
 *
 * A call that a real cloud refuses as too many is tried again by its client after a back-off; here it stands in line instead,
 * which comes to the same rate. Several that throttle it at a time: the lowest rate and the highest factor count.
 */
export class CloudApi {
  readonly #sim: Simulation
  readonly #options: CloudOptions
  readonly #throttles = new Map<string, CloudLimits>()
  readonly #waiting: WaitingCall[] = []
  readonly #next: Handler
  #timer: Timer | undefined
  #bucket: TokenBucket | undefined

  constructor(sim: Simulation, options: CloudOptions = {}) {
    this.#sim = sim
    this.#options = options
    this.#bucket = bucketOf(options.qps, options.burst ?? 1)
    this.#next = sim.handler('cloud-api/next', () => {
      this.#timer = undefined
      this.#advance()
    })
  }

  /** How many calls wait for their turn. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Makes a call; the handler runs when it is done, as an event of its own. */
  call<T>(call: CloudCall, done: PayloadHandler<T>, payload: T): void {
    this.#waiting.push({ call, answer: (latency) => void this.#sim.afterWith(latency, done, payload) })
    this.#advance()
  }

  /** Limits the cloud on behalf of a cause, from now on; calls that wait are under the new limit. */
  throttle(cause: string, limits: Partial<CloudLimits>): void {
    this.#throttles.set(cause, { qps: undefined, burst: 1, latencyFactor: 1, ...limits })
    this.#changed()
  }

  /** Ends what a cause did to the cloud. */
  restore(cause: string): void {
    if (this.#throttles.delete(cause)) this.#changed()
  }

  #changed(): void {
    const own = { qps: this.#options.qps, burst: this.#options.burst ?? 1 }
    const strictest = [own, ...this.#throttles.values()].reduce((one, other) =>
      (other.qps ?? Infinity) < (one.qps ?? Infinity) ? other : one,
    )
    this.#bucket = bucketOf(strictest.qps, strictest.burst)
    if (this.#timer !== undefined) this.#sim.cancel(this.#timer)
    this.#timer = undefined
    this.#advance()
  }

  #advance(): void {
    const { now } = this.#sim
    while (this.#waiting.length > 0 && (this.#bucket?.take(now) ?? true)) {
      const next = this.#waiting.shift()
      next?.answer(this.#latencyOf(next.call))
    }
    if (this.#waiting.length === 0 || this.#bucket === undefined) return
    this.#timer ??= this.#sim.at(this.#bucket.nextAt(now), this.#next)
  }

  #latencyOf(call: CloudCall): Micros {
    const sampler = this.#options.latencies?.[call]
    const whole =
      sampler === undefined ? CLOUD_LATENCIES[call] : sampler(this.#sim.random.stream(`cloud/${call}`))
    const factor = Math.max(1, ...[...this.#throttles.values()].map(({ latencyFactor }) => latencyFactor))
    return Math.max(0, Math.round(whole * factor))
  }
}

function bucketOf(qps: number | undefined, burst: number): TokenBucket | undefined {
  return qps === undefined ? undefined : new TokenBucket(qps, burst)
}
