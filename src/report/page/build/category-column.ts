import type { CellPlace } from './csv-cell.ts'

/** A column whose texts come often: each once, and which of them each row has. */
export interface CategoryColumn {
  readonly values: readonly string[]
  /** Index into `values`, by row. */
  readonly indexes: Uint32Array
}

const FIRST_SLOTS = 1024
/** FNV-1a over bytes: http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Makes a category column from the bytes of its cells: a text is made once for each value. */
export class CategoryBuilder {
  readonly #bytes: Buffer
  readonly #indexes: Uint32Array
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #hashes: number[] = []
  readonly #isQuoted: boolean[] = []
  /** One more than the value that a slot holds; 0 is free. Open addressing, at most half full. */
  #slots = new Uint32Array(FIRST_SLOTS)

  constructor(bytes: Buffer, rows: number) {
    this.#bytes = bytes
    this.#indexes = new Uint32Array(rows)
  }

  take(row: number, { start, end, isQuoted }: CellPlace): void {
    const bytes = this.#bytes
    let hash = FNV_BASIS
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (;;) {
      const held = this.#slots[slot] ?? 0
      if (held === 0) break
      if (this.#hashes[held - 1] === hash && this.#equals(held - 1, start, end)) {
        this.#indexes[row] = held - 1
        return
      }
      slot = (slot + 1) & mask
    }
    const value = this.#starts.push(start) - 1
    this.#ends.push(end)
    this.#hashes.push(hash)
    this.#isQuoted.push(isQuoted)
    this.#slots[slot] = value + 1
    this.#indexes[row] = value
    if (this.#starts.length * 2 > this.#slots.length) this.#grow()
  }

  finish(rowCount: number): CategoryColumn {
    const values = this.#starts.map((start, value) => {
      const text = this.#bytes.toString('utf8', start, this.#ends[value])
      return this.#isQuoted[value] === true ? text.replaceAll('""', '"') : text
    })
    return { values, indexes: this.#indexes.subarray(0, rowCount) }
  }

  #equals(value: number, start: number, end: number): boolean {
    const bytes = this.#bytes
    const from = this.#starts[value] ?? 0
    if ((this.#ends[value] ?? 0) - from !== end - start) return false
    for (let i = 0; i < end - start; i += 1) if (bytes[from + i] !== bytes[start + i]) return false
    return true
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 4)
    const mask = slots.length - 1
    for (const [value, hash] of this.#hashes.entries()) {
      let slot = hash & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = value + 1
    }
    this.#slots = slots
  }
}
