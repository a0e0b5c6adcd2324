import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'

/** Places among the numbers of a channel. */
const VALUE = 0
/** Since when the value stands that is not yet in its integrals. */
const SINCE = 1
const SINCE_MARK = 2
const TOTAL = 3
const MAXIMUM = 4
/** Channel that this one is divided by in a ratio, or `NOTHING`; a channel is the numerator of one at most. */
const DENOMINATOR = 5
const RATIO_MAXIMUM = 6
/** 1 for a channel that others are divided by: they are brought up to date before it changes. */
const IS_DENOMINATOR = 7
/** Numbers a channel: a cache line. */
const STRIDE = 8
const NOTHING = -1

/**
 * Time integrals, means and maxima of many step functions that share one clock: the sums that a report
 * averages.
 *
 * A function is a channel, a number from 0; it is 0 from the start until it is set. Means and maxima leave
 * the warm-up `[0, warmUp)` out; the interval sums do not. A value that stood for no time counts for nothing,
 * for maxima too. Moving the clock and changing a value are O(1): a channel is brought up to date when it
 * changes or is asked for.
 */
export class TimeIntegrals {
  readonly #warmUp: Micros
  readonly #channelCount: number
  /** The numbers of each channel side by side. */
  readonly #numbers: Float64Array
  /** Channels of each ratio: numerator, denominator. */
  readonly #ratios: readonly (readonly [number, number])[]
  #now: Micros = 0
  #markedAt: Micros = 0

  /**
   * `ratios` are pairs of channels whose quotient has a maximum worth knowing: numerator, then denominator.
   */
  constructor(
    channelCount: number,
    options: { readonly warmUp: Micros; readonly ratios?: readonly (readonly [number, number])[] },
  ) {
    this.#warmUp = options.warmUp
    this.#channelCount = channelCount
    this.#numbers = new Float64Array(channelCount * STRIDE)
    for (let channel = 0; channel < channelCount; channel++) {
      this.#numbers[channel * STRIDE + DENOMINATOR] = NOTHING
    }
    this.#ratios = options.ratios ?? []
    for (const [numerator, denominator] of this.#ratios) {
      const place = numerator * STRIDE + DENOMINATOR
      assert(this.#numbers[place] === NOTHING, () => `channel ${numerator} is the numerator of two ratios`)
      this.#numbers[place] = denominator
      this.#numbers[denominator * STRIDE + IS_DENOMINATOR] = 1
    }
  }

  get now(): Micros {
    return this.#now
  }

  /** Time that the means are taken over: since the start or the end of the warm-up. */
  get measured(): Micros {
    return Math.max(0, this.#now - this.#warmUp)
  }

  value(channel: number): number {
    return this.#numbers[channel * STRIDE + VALUE] as number
  }

  /** Changes a value from the present instant on. */
  add(channel: number, change: number): void {
    if (change !== 0) this.set(channel, (this.#numbers[channel * STRIDE + VALUE] as number) + change)
  }

  /** Sets a value from the present instant on. */
  set(channel: number, value: number): void {
    const numbers = this.#numbers
    const start = channel * STRIDE
    if (numbers[start + IS_DENOMINATOR] === 1) this.#settleNumerators(channel)
    if (numbers[start + SINCE] !== this.#now) this.#settle(start)
    numbers[start + VALUE] = value
  }

  /** Moves the clock; all values stood since the last move. Time never goes back. */
  advance(now: Micros): void {
    assert(now >= this.#now, 'the clock of the report goes back')
    this.#now = now
  }

  /** Integral over the measured time, in the channel's unit times microseconds. */
  integral(channel: number): number {
    return this.#settled(channel, TOTAL)
  }

  /** Mean over the measured time; undefined when that is nothing. */
  mean(channel: number): number | undefined {
    return this.measured === 0 ? undefined : this.integral(channel) / this.measured
  }

  /** Greatest value that stood in the measured time; 0 at least. */
  max(channel: number): number {
    return this.#settled(channel, MAXIMUM)
  }

  /** Greatest quotient of a ratio in the measured time, where its denominator was above 0. */
  ratioMax(ratio: number): number {
    return this.#settled(this.#channels(ratio)[0], RATIO_MAXIMUM)
  }

  /** Quotient of the integrals of a ratio; undefined when the denominator's is 0. */
  ratioMean(ratio: number): number | undefined {
    const [numerator, denominator] = this.#channels(ratio)
    return quotient(this.integral(numerator), this.integral(denominator))
  }

  /** Starts a new interval at the present instant. */
  mark(): void {
    for (let channel = 0; channel < this.#channelCount; channel++) {
      this.#settle(channel * STRIDE)
      this.#numbers[channel * STRIDE + SINCE_MARK] = 0
    }
    this.#markedAt = this.#now
  }

  /** Mean since the mark, or the present value when no time has passed. */
  meanSinceMark(channel: number): number {
    const sinceMark = this.#settled(channel, SINCE_MARK)
    const span = this.#now - this.#markedAt
    return span === 0 ? this.value(channel) : sinceMark / span
  }

  /** Quotient of a ratio's integrals since the mark; undefined when the denominator's is 0. */
  ratioMeanSinceMark(ratio: number): number | undefined {
    const [numerator, denominator] = this.#channels(ratio)
    return quotient(this.meanSinceMark(numerator), this.meanSinceMark(denominator))
  }

  /** One of a channel's numbers, up to date. */
  #settled(channel: number, place: number): number {
    this.#settle(channel * STRIDE)
    return this.#numbers[channel * STRIDE + place] as number
  }

  /** Adds what stood since the channel, whose numbers begin at `start`, was last settled. */
  #settle(start: number): void {
    const numbers = this.#numbers
    const since = numbers[start + SINCE] as number
    const span = this.#now - since
    if (span === 0) return
    numbers[start + SINCE] = this.#now
    const value = numbers[start + VALUE] as number
    if (value === 0) return
    numbers[start + SINCE_MARK] = (numbers[start + SINCE_MARK] as number) + value * span
    const measured = since >= this.#warmUp ? span : this.#now - this.#warmUp
    if (measured <= 0) return
    numbers[start + TOTAL] = (numbers[start + TOTAL] as number) + value * measured
    if (value > (numbers[start + MAXIMUM] as number)) numbers[start + MAXIMUM] = value
    const channel = numbers[start + DENOMINATOR] as number
    if (channel === NOTHING) return
    const denominator = numbers[channel * STRIDE + VALUE] as number
    if (denominator <= 0 || value <= (numbers[start + RATIO_MAXIMUM] as number) * denominator) return
    numbers[start + RATIO_MAXIMUM] = value / denominator
  }

  /** A denominator is about to change: until now the numerators stood over the old one. */
  #settleNumerators(denominator: number): void {
    for (const [numerator, other] of this.#ratios) {
      if (other === denominator) this.#settle(numerator * STRIDE)
    }
  }

  #channels(ratio: number): readonly [number, number] {
    const channels = this.#ratios[ratio]
    assert(channels !== undefined, 'there is no ratio of that number')
    return channels
  }
}

function quotient(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator
}
