import type { SampledMeasure } from './run-measures.ts'

/** Mean and greatest of values that are taken one by one. */
export class SampledMean {
  #sum = 0
  #count = 0
  #peak = 0

  /** Takes a value; undefined counts for nothing. */
  add(value: number | undefined): void {
    if (value === undefined) return
    this.#sum += value
    this.#count += 1
    if (value > this.#peak || this.#count === 1) this.#peak = value
  }

  get measure(): SampledMeasure {
    if (this.#count === 0) return { mean: undefined, peak: undefined }
    return { mean: this.#sum / this.#count, peak: this.#peak }
  }
}
