import { assert } from '../base/assert.ts'

/** Largest relative error of a quantile. */
export const SKETCH_ERROR = 0.01

/** Ratio of the bounds of a bucket. */
const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR)
const LOG_GAMMA = Math.log(GAMMA)

const FIRST_BUCKETS = 256

/**
 * Quantiles of very many values of 0 or more, in a few kilobytes, to a relative error of 1 %.
 *
 * Values share a bucket when they lie between two powers of 1.0202; count, sum, least and greatest are exact. Adding is
 * O(1). Source: Masson, Rim and Lee, "DDSketch", VLDB 2019, without its bound on the number of buckets.
 */
export class QuantileSketch {
  #counts = new Float64Array(FIRST_BUCKETS)
  /** Exponent of the first bucket in `#counts`; NaN before the first value above 0. */
  #firstExponent = Number.NaN
  #zeros = 0
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  /** Least value; undefined when there is none. */
  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#min
  }

  /** Greatest value; undefined when there is none. */
  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max
  }

  /** Arithmetic mean; undefined without values. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count
  }

  /** Takes a finite value of 0 or more, `times` times. */
  add(value: number, times = 1): void {
    assert(value >= 0 && value < Number.POSITIVE_INFINITY, `a sketch was given ${value}`)
    this.#count += times
    this.#sum += value * times
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (value === 0) this.#zeros += times
    else this.#addTo(Math.ceil(Math.log(value) / LOG_GAMMA), times)
  }

  /** Takes all that another sketch took. */
  merge(other: QuantileSketch): void {
    if (other.#count === 0) return
    this.#count += other.#count
    this.#sum += other.#sum
    this.#zeros += other.#zeros
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    for (let i = 0; i < other.#counts.length; i++) {
      const times = other.#counts[i] ?? 0
      if (times > 0) this.#addTo(other.#firstExponent + i, times)
    }
  }

  /**
   * The value at place floor(share · (count - 1)) of the sorted values, to the relative error; undefined without values.
   *
   * `share` is from 0 to 1.
   */
  quantile(share: number): number | undefined {
    assert(share >= 0 && share <= 1, `a quantile of ${share} was asked for`)
    if (this.#count === 0) return undefined
    const place = Math.floor(share * (this.#count - 1))
    let seen = this.#zeros
    if (place < seen) return 0
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i] ?? 0
      if (place < seen) return this.#bounded((2 * GAMMA ** (this.#firstExponent + i)) / (GAMMA + 1))
    }
    return this.#max
  }

  #bounded(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value))
  }

  #addTo(exponent: number, times: number): void {
    if (Number.isNaN(this.#firstExponent)) this.#firstExponent = exponent - FIRST_BUCKETS / 2
    let bucket = exponent - this.#firstExponent
    if (bucket < 0 || bucket >= this.#counts.length) {
      this.#widen(exponent)
      bucket = exponent - this.#firstExponent
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times
  }

  /** Makes room for the exponent, with as much again to spare on its side. */
  #widen(exponent: number): void {
    const old = this.#counts
    const below = Math.max(0, this.#firstExponent - exponent)
    const above = Math.max(0, exponent - this.#firstExponent - old.length + 1)
    const extraBelow = below === 0 ? 0 : below + old.length
    const extraAbove = above === 0 ? 0 : above + old.length
    this.#counts = new Float64Array(extraBelow + old.length + extraAbove)
    this.#counts.set(old, extraBelow)
    this.#firstExponent -= extraBelow
  }
}
