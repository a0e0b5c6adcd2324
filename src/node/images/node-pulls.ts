import { TokenBucket } from '../../base/token-bucket.ts'
import { NEVER, SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'

/** A pull of an image to one node. */
export interface Pull {
  readonly image: string
  /** Bytes that are still to come; undefined until the registry has answered. */
  left: number | undefined
  /** When the registry answers. */
  answerAt: Micros
}

/** What a node may pull at a time, and how fast. */
export interface PullLimits {
  readonly maxParallel: number
  readonly bandwidth: number
  readonly qps: number
  readonly burst: number
}

/** The pulls of one node: those under way share its bandwidth equally, the others wait in order. */
export class NodePulls<P extends Pull> {
  readonly #limits: PullLimits
  readonly #waiting: P[] = []
  readonly #active: P[] = []
  #countedAt: Micros = 0
  /** Bytes a second that it gets now. */
  #bandwidth: number
  readonly #asks: TokenBucket | undefined

  constructor(limits: PullLimits) {
    this.#limits = limits
    this.#bandwidth = limits.bandwidth
    this.#asks = limits.qps === 0 ? undefined : new TokenBucket(limits.qps, limits.burst)
  }

  /** From now on the node gets this share of its bandwidth. */
  setSpeed(share: number, now: Micros): void {
    this.#count(now)
    this.#bandwidth = this.#limits.bandwidth * share
  }

  /** Bytes that are still to come of the pulls under way. */
  get bytesLeft(): number {
    return this.#active.reduce((sum, { left = 0 }) => sum + Math.max(0, left), 0)
  }

  add(pull: P): void {
    this.#waiting.push(pull)
  }

  /** The next pull that may begin now, which then is under way. */
  begin(now: Micros): P | undefined {
    if (this.#active.length >= this.#limits.maxParallel) return undefined
    const pull = this.#waiting.shift()
    if (pull === undefined) return undefined
    this.#count(now)
    this.#active.push(pull)
    return pull
  }

  /** Whether one more pull is within the limit on how often registries are asked; counts it. */
  mayAsk(now: Micros): boolean {
    return this.#asks?.take(now) ?? true
  }

  /** The registry has answered: so many bytes are to come. */
  answered(pull: P, bytes: number, now: Micros): void {
    this.#count(now)
    pull.left = bytes
  }

  /** Pulls that are through now: they are not under way any more. */
  finished(now: Micros): readonly P[] {
    this.#count(now)
    const done = this.#active.filter(({ left }) => left !== undefined && left < 1)
    for (const pull of done) this.end(pull, now)
    return done
  }

  /** The pull is over. */
  end(pull: P, now: Micros): void {
    this.#count(now)
    this.#active.splice(this.#active.indexOf(pull), 1)
  }

  /** Pulls whose registry has answered by now, and that nobody told so yet. */
  unanswered(now: Micros): readonly P[] {
    return this.#active.filter(({ left, answerAt }) => left === undefined && answerAt <= now)
  }

  /** When something happens next, if no other pull comes. */
  nextAt(): Micros {
    const transfers = this.#active.filter(({ left }) => left !== undefined)
    const least = transfers.reduce((least, { left }) => Math.min(least, left ?? NEVER), NEVER)
    const transferAt =
      least === NEVER
        ? NEVER
        : this.#countedAt + Math.ceil((Math.max(0, least) * transfers.length * SECOND) / this.#bandwidth)
    const answers = this.#active.map(({ left, answerAt }) => (left === undefined ? answerAt : NEVER))
    return Math.min(transferAt, ...answers)
  }

  /** Counts what has come since it was last counted. */
  #count(now: Micros): void {
    const transfers = this.#active.filter(({ left }) => left !== undefined)
    const bytes = ((now - this.#countedAt) * this.#bandwidth) / SECOND / Math.max(1, transfers.length)
    for (const pull of transfers) pull.left = (pull.left ?? 0) - bytes
    this.#countedAt = now
  }
}
