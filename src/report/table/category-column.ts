import { ByteList } from './byte-list.ts'

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

/** The different texts of a column, found by their bytes: a text is made once for each. */
export class Categories {
  readonly #texts = new ByteList()
  readonly #hashes: number[] = []
  /** One more than the value that a slot holds; 0 is free. Open addressing, at most half full. */
  #slots = new Uint32Array(FIRST_SLOTS)

  /** The place of the text that these bytes spell; a new one gets the next. */
  placeOf(bytes: Buffer, start: number, end: number): number {
    let hash = FNV_BASIS
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (;;) {
      const held = this.#slots[slot] ?? 0
      if (held === 0) break
      if (this.#hashes[held - 1] === hash && this.#texts.equals(held - 1, bytes, start, end)) return held - 1
      slot = (slot + 1) & mask
    }
    const place = this.#hashes.push(hash) - 1
    this.#texts.add(bytes, start, end)
    this.#slots[slot] = place + 1
    if (this.#hashes.length * 2 > this.#slots.length) this.#grow()
    return place
  }

  /** All texts, by their places. */
  values(): readonly string[] {
    return Array.from({ length: this.#texts.count }, (_, place) => this.#texts.at(place))
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 4)
    const mask = slots.length - 1
    for (const [place, hash] of this.#hashes.entries()) {
      let slot = hash & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = place + 1
    }
    this.#slots = slots
  }
}
