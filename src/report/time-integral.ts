import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'

/**
 * Time integrals, means and maxima of many step functions that share one clock: the sums that a report averages.
 *
 * A function is a channel, a number from 0; it is 0 from the start until it is set. Means and maxima leave the warm-up
 * `[0, warmUp)` out; the interval sums do not. A value that stood for no time counts for nothing, for maxima too.
 * Moving the clock costs O(channels) once an instant, changing a value O(1).
 */
export class TimeIntegrals {
  readonly #warmUp: Micros
  readonly #values: Float64Array
  readonly #totals: Float64Array
  readonly #sinceMark: Float64Array
  readonly #maxima: Float64Array
  /** Channels of each ratio: numerator, denominator. */
  readonly #ratios: readonly (readonly [number, number])[]
  readonly #ratioMaxima: Float64Array
  #now: Micros = 0
  #markedAt: Micros = 0

  /** `ratios` are pairs of channels whose quotient has a maximum worth knowing: numerator, then denominator. */
  constructor(
    channelCount: number,
    options: { readonly warmUp: Micros; readonly ratios?: readonly (readonly [number, number])[] },
  ) {
    this.#warmUp = options.warmUp
    this.#values = new Float64Array(channelCount)
    this.#totals = new Float64Array(channelCount)
    this.#sinceMark = new Float64Array(channelCount)
    this.#maxima = new Float64Array(channelCount)
    this.#ratios = options.ratios ?? []
    this.#ratioMaxima = new Float64Array(this.#ratios.length)
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
    this.#values[channel] = (this.#values[channel] ?? 0) + change
  }

  /** Sets a value from the present instant on. */
  set(channel: number, value: number): void {
    this.#values[channel] = value
  }

  /** Moves the clock; all values stood since the last move. Time never goes back. */
  advance(now: Micros): void {
    if (now === this.#now) return
    assert(now > this.#now, `the report's clock goes back from ${this.#now} to ${now}`)
    const before = this.#now
    this.#now = now
    const values = this.#values
    const span = now - before
    for (let i = 0; i < values.length; i++) {
      this.#sinceMark[i] = (this.#sinceMark[i] ?? 0) + (values[i] ?? 0) * span
    }
    if (now > this.#warmUp) this.#measure(now - Math.max(before, this.#warmUp))
  }

  /** Integral over the measured time, in the channel's unit times microseconds. */
  integral(channel: number): number {
    return this.#totals[channel] ?? 0
  }

  /** Mean over the measured time; undefined when that is nothing. */
  mean(channel: number): number | undefined {
    return this.measured === 0 ? undefined : this.integral(channel) / this.measured
  }

  /** Greatest value that stood in the measured time; 0 at least. */
  max(channel: number): number {
    return this.#maxima[channel] ?? 0
  }

  /** Greatest quotient of a ratio in the measured time, where its denominator was above 0. */
  ratioMax(ratio: number): number {
    return this.#ratioMaxima[ratio] ?? 0
  }

  /** Quotient of the integrals of a ratio; undefined when the denominator's is 0. */
  ratioMean(ratio: number): number | undefined {
    const [numerator, denominator] = this.#channels(ratio)
    return quotient(this.integral(numerator), this.integral(denominator))
  }

  /** Starts a new interval at the present instant. */
  mark(): void {
    this.#sinceMark.fill(0)
    this.#markedAt = this.#now
  }

  /** Mean since the mark, or the present value when no time has passed. */
  meanSinceMark(channel: number): number {
    const span = this.#now - this.#markedAt
    return span === 0 ? this.value(channel) : (this.#sinceMark[channel] ?? 0) / span
  }

  /** Quotient of a ratio's integrals since the mark; undefined when the denominator's is 0. */
  ratioMeanSinceMark(ratio: number): number | undefined {
    const [numerator, denominator] = this.#channels(ratio)
    return quotient(this.meanSinceMark(numerator), this.meanSinceMark(denominator))
  }

  #measure(span: Micros): void {
    const values = this.#values
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0
      this.#totals[i] = (this.#totals[i] ?? 0) + value * span
      if (value > (this.#maxima[i] ?? 0)) this.#maxima[i] = value
    }
    for (let i = 0; i < this.#ratios.length; i++) {
      const [numerator, denominator] = this.#channels(i)
      const share = (values[numerator] ?? 0) / (values[denominator] ?? 0)
      if (share > (this.#ratioMaxima[i] ?? 0) && share < Number.POSITIVE_INFINITY) this.#ratioMaxima[i] = share
    }
  }

  #channels(ratio: number): readonly [number, number] {
    const channels = this.#ratios[ratio]
    assert(channels !== undefined, `no ratio has the number ${ratio}`)
    return channels
  }
}

function quotient(numerator: number, denominator: number): number | undefined {
  return denominator === 0 ? undefined : numerator / denominator
}
