import { widened } from '../base/widen.ts'
import { keepCells } from './row-writer.ts'
import type { RowWriter } from './row-writer.ts'

/** Bytes a slot: the cell, and its length in the last one. */
const SLOT = 32
const LENGTH = SLOT - 1
const FIRST_CAPACITY = 256

/**
 * Cells by number, such as the names of nodes by row, made into bytes once: short ones lie side by side, so that one
 * that was not written for long costs a cache miss, not one each for object, array and bytes.
 */
export class CellSlots {
  #bytes = new Uint8Array(FIRST_CAPACITY * SLOT)
  #view = new DataView(this.#bytes.buffer)
  readonly #textOf: (number: number) => string

  /** `textOf` says the text of a number; it is always the same. */
  constructor(textOf: (number: number) => string) {
    this.#textOf = textOf
  }

  /** Writes the cell of a number. */
  write(number: number, out: RowWriter): void {
    const start = number * SLOT
    const length = this.#bytes[start + LENGTH] ?? 0
    if (length > 0) out.bytes(this.#view, start, length)
    else this.#writeNew(number, out)
  }

  #writeNew(number: number, out: RowWriter): void {
    const text = this.#textOf(number)
    const { view, length } = keepCells([text])
    if (length <= LENGTH) {
      while ((number + 1) * SLOT > this.#bytes.length) this.#grow()
      this.#bytes.set(new Uint8Array(view.buffer, 0, length), number * SLOT)
      this.#bytes[number * SLOT + LENGTH] = length
    }
    out.text(text)
  }

  #grow(): void {
    this.#bytes = widened(this.#bytes, this.#bytes.length * 2)
    this.#view = new DataView(this.#bytes.buffer)
  }
}
