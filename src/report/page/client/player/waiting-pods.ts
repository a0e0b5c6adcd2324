import type { PodColumns } from './pod-columns.ts'

/**
 * Which pods wait for a node at an instant, those that were created first in front. A pod waits from its creation until just before
 * its binding, or its end where that comes first. A change costs O(1), the first so many O(pods / 32).
 */
export class WaitingPods {
  /** Rows of pods that wait at any time, in order of their creation. */
  readonly rows: Uint32Array
  /** Place in `rows`; -1 of pods that never wait. */
  readonly #places: Int32Array
  readonly #bits: Uint32Array
  #count = 0

  constructor(pods: PodColumns) {
    const { count, createdAt } = pods
    this.rows = Uint32Array.from({ length: count }, (_, row) => row)
      .filter((row) => (createdAt[row] ?? Infinity) < waitsUntil(pods, row))
      .sort((one, other) => (createdAt[one] ?? 0) - (createdAt[other] ?? 0) || one - other)
    this.#places = new Int32Array(count).fill(-1)
    for (const [place, row] of this.rows.entries()) this.#places[row] = place
    this.#bits = new Uint32Array(Math.ceil(this.rows.length / 32))
  }

  /** Pods that wait now. */
  get count(): number {
    return this.#count
  }

  /** Whether a pod waits at any time. */
  everWaits(row: number): boolean {
    return (this.#places[row] ?? -1) >= 0
  }

  /** A pod waits from now on, or no longer; says nothing of pods that never wait. */
  set(row: number, waits: boolean): void {
    const place = this.#places[row] ?? -1
    if (place < 0) return
    const word = this.#bits[place >> 5] ?? 0
    const bit = 1 << (place & 31)
    if (((word & bit) !== 0) === waits) return
    this.#bits[place >> 5] = word ^ bit
    this.#count += waits ? 1 : -1
  }

  /** No pod waits now. */
  clear(): void {
    this.#bits.fill(0)
    this.#count = 0
  }

  /** Rows of pods that wait now, no more than so many, in order of their creation. */
  first(limit: number): readonly number[] {
    const found: number[] = []
    for (let index = 0; index < this.#bits.length && found.length < limit; index++) {
      let word = this.#bits[index] ?? 0
      while (word !== 0 && found.length < limit) {
        const lowest = 31 - Math.clz32(word & -word)
        found.push(this.rows[index * 32 + lowest] ?? 0)
        word &= word - 1
      }
    }
    return found
  }
}

/** When a pod no longer waits for a node: it has one, or is gone. */
function waitsUntil({ boundAt, endedAt }: PodColumns, row: number): number {
  return Math.min(boundAt[row] ?? Infinity, endedAt[row] ?? Infinity)
}
