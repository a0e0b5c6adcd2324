import { assert } from '../base/assert.ts'

/** Largest relative error of a quantile. */
export const SKETCH_ERROR = 0.01

/**
 * Bits of the mantissa that tell buckets apart: 64 buckets an octave, so half a bucket is at most 1/128 of
 * its value.
 */
const MANTISSA_BITS = 6
/** Bits of the upper half of a double below those. */
const DROPPED_BITS = 20 - MANTISSA_BITS
const FIRST_BUCKETS = 256

const asDouble = new Float64Array(1)
const asWords = new Uint32Array(asDouble.buffer)
/** Which of the two words has sign, exponent and the top of the mantissa. */
const UPPER = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0

/**
 * Quantiles of very many values of 0 or more, in a few kilobytes, to a relative error of 1 %.
 *
 * Values share a bucket when their doubles agree in the exponent and the top 6 bits of the mantissa; count,
 * sum, least and greatest are exact. Adding is O(1) and needs no logarithm. Source of the bucket scheme:
 * HdrHistogram's log-linear buckets (Tene).
 */
export class QuantileSketch {
  #counts = new Float64Array(FIRST_BUCKETS)
  /** Number of the first bucket in `#counts`; -1 before the first value above 0. */
  #firstBucket = -1
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
    assert(value >= 0 && value < Number.POSITIVE_INFINITY, 'a sketch takes finite values of 0 or more')
    this.#count += times
    this.#sum += value * times
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (value === 0) this.#zeros += times
    else this.#addTo(bucketOf(value), times)
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
      if (times > 0) this.#addTo(other.#firstBucket + i, times)
    }
  }

  /**
   * The value at place floor(share · (count - 1)) of the sorted values, to the relative error; undefined
   * without values.
   *
   * `share` is from 0 to 1.
   */
  quantile(share: number): number | undefined {
    assert(share >= 0 && share <= 1, () => `a quantile of ${share} was asked for`)
    if (this.#count === 0) return undefined
    const place = Math.floor(share * (this.#count - 1))
    let seen = this.#zeros
    if (place < seen) return 0
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i] ?? 0
      if (place < seen) return this.#bounded(middleOf(this.#firstBucket + i))
    }
    return this.#max
  }

  #bounded(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value))
  }

  #addTo(bucket: number, times: number): void {
    if (this.#firstBucket < 0) this.#firstBucket = Math.max(0, bucket - FIRST_BUCKETS / 2)
    let index = bucket - this.#firstBucket
    if (index < 0 || index >= this.#counts.length) {
      this.#widen(bucket)
      index = bucket - this.#firstBucket
    }
    this.#counts[index] = (this.#counts[index] ?? 0) + times
  }

  /** Makes room for the bucket, with as much again to spare on its side. */
  #widen(bucket: number): void {
    const old = this.#counts
    const below = Math.max(0, this.#firstBucket - bucket)
    const above = Math.max(0, bucket - this.#firstBucket - old.length + 1)
    const extraBelow = below === 0 ? 0 : Math.min(this.#firstBucket, below + old.length)
    const extraAbove = above === 0 ? 0 : above + old.length
    this.#counts = new Float64Array(extraBelow + old.length + extraAbove)
    this.#counts.set(old, extraBelow)
    this.#firstBucket -= extraBelow
  }
}

function bucketOf(value: number): number {
  asDouble[0] = value
  return (asWords[UPPER] ?? 0) >>> DROPPED_BITS
}

/** The value half way between the bounds of a bucket. */
function middleOf(bucket: number): number {
  asWords[1 - UPPER] = 0
  asWords[UPPER] = bucket << DROPPED_BITS
  const low = asDouble[0] ?? 0
  asWords[UPPER] = (bucket + 1) << DROPPED_BITS
  return (low + (asDouble[0] ?? 0)) / 2
}
