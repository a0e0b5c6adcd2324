import { widened } from '../base/widen.ts'
import { POD_BOUND, POD_CREATED, POD_DELETED } from './pod-event.ts'
import type { PodEventBit } from './pod-event.ts'
import type { PodTable } from './pod-table.ts'
import { NO_NODE } from './rows.ts'
import type { NodeRow, PodRow } from './rows.ts'

const NONE = -1

/** Which pods of the store are bound to which node: lists linked over rows, joined and left in O(1). */
export class PodsByNode {
  readonly #table: PodTable
  #first = new Int32Array(16).fill(NONE)
  #next = new Int32Array(16).fill(NONE)
  #previous = new Int32Array(16).fill(NONE)

  /** Knows the pods that are in the store now; hears of others by `written`. */
  constructor(table: PodTable) {
    this.#table = table
    for (const row of table.stored()) if (table.node(row) !== NO_NODE) this.#join(row)
  }

  /** A pod was written. */
  written(event: PodEventBit, row: PodRow): void {
    if (event === POD_BOUND) this.#join(row)
    else if (event === POD_CREATED && this.#table.node(row) !== NO_NODE) this.#join(row)
    else if (event === POD_DELETED && this.#table.node(row) !== NO_NODE) this.#leave(row)
  }

  /** Rows of the node's pods, ascending; a copy. */
  on(node: NodeRow): PodRow[] {
    const rows: PodRow[] = []
    for (let row = this.#first[node] ?? NONE; row !== NONE; row = this.#next[row] as number) {
      rows.push(row as PodRow)
    }
    return rows.sort((one, other) => one - other)
  }

  #join(row: PodRow): void {
    const node = this.#table.node(row)
    if (node >= this.#first.length) this.#first = widened(this.#first, node * 2, NONE)
    if (row >= this.#next.length) {
      this.#next = widened(this.#next, row * 2, NONE)
      this.#previous = widened(this.#previous, row * 2, NONE)
    }
    const next = this.#first[node] as number
    this.#next[row] = next
    this.#previous[row] = NONE
    if (next !== NONE) this.#previous[next] = row
    this.#first[node] = row
  }

  #leave(row: PodRow): void {
    const next = this.#next[row] as number
    const previous = this.#previous[row] as number
    if (next !== NONE) this.#previous[next] = previous
    if (previous === NONE) this.#first[this.#table.node(row)] = next
    else this.#next[previous] = next
  }
}
