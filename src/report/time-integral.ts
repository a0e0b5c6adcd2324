import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'

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
  readonly #values: Float64Array
  readonly #totals: Float64Array
  readonly #sinceMark: Float64Array
  readonly #maxima: Float64Array
  /** Since when each value stands that is not yet in its integrals. */
  readonly #since: Float64Array
  /** Channels of each ratio. */
  readonly #numerators: Int32Array
  readonly #denominators: Int32Array
  readonly #ratioMaxima: Float64Array
  /** Ratio of each numerator, or -1; a channel is the numerator of one ratio at most. */
  readonly #ratioOf: Int32Array
  /** Whether the channel is a denominator: then the numerators are brought up to date before it changes. */
  readonly #isDenominator: Uint8Array
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
    this.#values = new Float64Array(channelCount)
    this.#totals = new Float64Array(channelCount)
    this.#sinceMark = new Float64Array(channelCount)
    this.#maxima = new Float64Array(channelCount)
    this.#since = new Float64Array(channelCount)
    const { ratios = [] } = options
    this.#numerators = Int32Array.from(ratios, ([numerator]) => numerator)
    this.#denominators = Int32Array.from(ratios, ([, denominator]) => denominator)
    this.#ratioMaxima = new Float64Array(ratios.length)
    this.#ratioOf = new Int32Array(channelCount).fill(-1)
    this.#isDenominator = new Uint8Array(channelCount)
    ratios.forEach(([numerator, denominator], ratio) => {
      assert(this.#ratioOf[numerator] === -1, () => `channel ${numerator} is the numerator of two ratios`)
      this.#ratioOf[numerator] = ratio
      this.#isDenominator[denominator] = 1
    })
  }

  get now(): Micros {
    return this.#now
  }

  /** Time that the means are taken over: since the start or the end of the warm-up. */
  get measured(): Micros {
    return Math.max(0, this.#now - this.#warmUp)
  }

  value(channel: number): number {
    return this.#values[channel] ?? 0
  }

  /** Changes a value from the present instant on. */
  add(channel: number, change: number): void {
    if (change !== 0) this.set(channel, (this.#values[channel] ?? 0) + change)
  }

  /** Sets a value from the present instant on. */
  set(channel: number, value: number): void {
    if (this.#isDenominator[channel] === 1) this.#settleNumerators(channel)
    if (this.#since[channel] !== this.#now) this.#settle(channel)
    this.#values[channel] = value
  }

  /** Moves the clock; all values stood since the last move. Time never goes back. */
  advance(now: Micros): void {
    assert(now >= this.#now, 'the clock of the report goes back')
    this.#now = now
  }

  /** Integral over the measured time, in the channel's unit times microseconds. */
  integral(channel: number): number {
    this.#settle(channel)
    return this.#totals[channel] ?? 0
  }

  /** Mean over the measured time; undefined when that is nothing. */
  mean(channel: number): number | undefined {
    return this.measured === 0 ? undefined : this.integral(channel) / this.measured
  }

  /** Greatest value that stood in the measured time; 0 at least. */
  max(channel: number): number {
    this.#settle(channel)
    return this.#maxima[channel] ?? 0
  }

  /** Greatest quotient of a ratio in the measured time, where its denominator was above 0. */
  ratioMax(ratio: number): number {
    this.#settle(this.#numeratorOf(ratio))
    return this.#ratioMaxima[ratio] ?? 0
  }

  /** Quotient of the integrals of a ratio; undefined when the denominator's is 0. */
  ratioMean(ratio: number): number | undefined {
    return quotient(this.integral(this.#numeratorOf(ratio)), this.integral(this.#denominatorOf(ratio)))
  }

  /** Starts a new interval at the present instant. */
  mark(): void {
    for (let channel = 0; channel < this.#values.length; channel++) this.#settle(channel)
    this.#sinceMark.fill(0)
    this.#markedAt = this.#now
  }

  /** Mean since the mark, or the present value when no time has passed. */
  meanSinceMark(channel: number): number {
    this.#settle(channel)
    const span = this.#now - this.#markedAt
    return span === 0 ? this.value(channel) : (this.#sinceMark[channel] ?? 0) / span
  }

  /** Quotient of a ratio's integrals since the mark; undefined when the denominator's is 0. */
  ratioMeanSinceMark(ratio: number): number | undefined {
    const numerator = this.meanSinceMark(this.#numeratorOf(ratio))
    return quotient(numerator, this.meanSinceMark(this.#denominatorOf(ratio)))
  }

  /** Adds what stood since the channel was last settled. */
  #settle(channel: number): void {
    const since = this.#since[channel] ?? 0
    const span = this.#now - since
    if (span === 0) return
    this.#since[channel] = this.#now
    const value = this.#values[channel] ?? 0
    if (value === 0) return
    this.#sinceMark[channel] = (this.#sinceMark[channel] ?? 0) + value * span
    const measured = since >= this.#warmUp ? span : this.#now - this.#warmUp
    if (measured <= 0) return
    this.#totals[channel] = (this.#totals[channel] ?? 0) + value * measured
    if (value > (this.#maxima[channel] ?? 0)) this.#maxima[channel] = value
    const ratio = this.#ratioOf[channel] ?? -1
    if (ratio >= 0) this.#settleRatio(ratio, value)
  }

  #settleRatio(ratio: number, numerator: number): void {
    const denominator = this.#values[this.#denominators[ratio] ?? 0] ?? 0
    if (denominator <= 0 || numerator <= (this.#ratioMaxima[ratio] ?? 0) * denominator) return
    this.#ratioMaxima[ratio] = numerator / denominator
  }

  /** A denominator is about to change: until now the numerators stood over the old one. */
  #settleNumerators(denominator: number): void {
    for (let ratio = 0; ratio < this.#denominators.length; ratio++) {
      if (this.#denominators[ratio] === denominator) this.#settle(this.#numerators[ratio] ?? 0)
    }
  }

  #numeratorOf(ratio: number): number {
    const channel = this.#numerators[ratio]
    assert(channel !== undefined, 'there is no ratio of that number')
    return channel
  }

  #denominatorOf(ratio: number): number {
    const channel = this.#denominators[ratio]
    assert(channel !== undefined, 'there is no ratio of that number')
    return channel
  }
}

function quotient(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator
}
