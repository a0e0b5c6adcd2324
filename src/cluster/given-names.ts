import { assert } from '../base/assert.ts'
import type { PodRow } from './rows.ts'

/** Names that pods were created with, by row, and rows by namespace and name. */
export class GivenNames {
  /** Indexed by row; undefined for a pod whose name follows from something else. */
  readonly #names: (string | undefined)[] = []
  /** Rows of pods in the store by `namespace/name`. */
  readonly #rows = new Map<string, PodRow>()

  has(row: PodRow): boolean {
    return row < this.#names.length && this.#names[row] !== undefined
  }

  get(row: PodRow): string | undefined {
    return row < this.#names.length ? this.#names[row] : undefined
  }

  rowOf(key: string): PodRow | undefined {
    return this.#rows.get(key)
  }

  /** Names a pod; throws when another in the store has that name in its namespace. */
  set(row: PodRow, namespace: string, name: string): void {
    const names = this.#names
    // No holes: arrays with holes far apart become slow tables.
    while (names.length <= row) names.push(undefined)
    names[row] = name
    const key = `${namespace}/${name}`
    assert(!this.#rows.has(key), () => `pod ${key} was created twice`)
    this.#rows.set(key, row)
  }

  /** Takes the pod out of the store: another may have its name, and the row still has it. */
  release(row: PodRow, namespace: string): void {
    const name = this.#names[row]
    if (name !== undefined) this.#rows.delete(`${namespace}/${name}`)
  }

  /** Frees the row. */
  delete(row: PodRow): void {
    if (row < this.#names.length) this.#names[row] = undefined
  }
}
