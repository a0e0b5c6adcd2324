import { RandomStreams } from '../base/random.ts'
import type { RandomStream } from '../base/random.ts'

/** A part of a scenario as YAML has it. */
export type Value = Readonly<Record<string, unknown>>

/** Draws of one part of a random scenario: each part has a stream of its own, so that more draws in one move no other. */
export class Draws {
  readonly #stream: RandomStream

  constructor(seed: number, part: string) {
    this.#stream = new RandomStreams(seed).stream(`fuzz/${part}`)
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.#stream.integer(high - low + 1)
  }

  of<T>(values: readonly T[]): T {
    return values[this.#stream.integer(values.length)] as T
  }

  isSo(chance: number): boolean {
    return this.#stream.uniform() < chance
  }

  /** What `make` gives, or nothing. */
  maybe(chance: number, make: () => Value): Value {
    return this.isSo(chance) ? make() : {}
  }

  /** From `low` to `high` things. */
  many<T>(low: number, high: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.between(low, high) }, (_, index) => make(index))
  }
}
