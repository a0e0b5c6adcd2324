import { assert } from '../base/assert.ts'
import type { RandomStream } from '../base/random.ts'
import type { NodeRow } from '../cluster/rows.ts'

/** Nodes that wait for something of which a random one is next. All in O(1). */
export class WaitingNodes {
  readonly #rows: NodeRow[] = []
  readonly #indexes = new Map<NodeRow, number>()

  get size(): number {
    return this.#rows.length
  }

  has(row: NodeRow): boolean {
    return this.#indexes.has(row)
  }

  add(row: NodeRow): void {
    if (this.#indexes.has(row)) return
    this.#indexes.set(row, this.#rows.length)
    this.#rows.push(row)
  }

  /** False when it did not wait. */
  delete(row: NodeRow): boolean {
    const index = this.#indexes.get(row)
    if (index === undefined) return false
    const last = this.#rows.pop() as NodeRow
    if (last !== row) {
      this.#rows[index] = last
      this.#indexes.set(last, index)
    }
    this.#indexes.delete(row)
    return true
  }

  /** Takes one out; `stream` is asked only when there is a choice. */
  draw(stream: () => RandomStream): NodeRow {
    const { size } = this
    const row = this.#rows[size > 1 ? stream().integer(size) : 0]
    assert(row !== undefined, 'no node waits')
    this.delete(row)
    return row
  }
}
