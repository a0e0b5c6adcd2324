const FIRST_BYTES = 1 << 12
const FIRST_ENDS = 1 << 8

/** Texts one after another in one piece of memory, by their place; a text is made when it is asked for. */
export class ByteList {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #ends = new Uint32Array(FIRST_ENDS)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Adds the text that these bytes spell. */
  add(bytes: Buffer, start: number, end: number): void {
    const from = this.#startOf(this.#count)
    const to = from + end - start
    this.#makeRoom(to)
    // Most texts are short: a call costs more than a loop.
    for (let at = start, into = from; at < end; at += 1, into += 1) this.#bytes[into] = bytes[at] as number
    this.#ends[this.#count] = to
    this.#count += 1
  }

  /** Adds a text. */
  addText(text: string): void {
    const from = this.#startOf(this.#count)
    // A letter of UTF-16 is three bytes of UTF-8 at most.
    this.#makeRoom(from + text.length * 3)
    this.#ends[this.#count] = from + this.#bytes.write(text, from, 'utf8')
    this.#count += 1
  }

  at(place: number): string {
    return this.#bytes.toString('utf8', this.#startOf(place), this.#ends[place])
  }

  /** Whether the text at a place is what these bytes spell. */
  equals(place: number, bytes: Buffer, start: number, end: number): boolean {
    const from = this.#startOf(place)
    if ((this.#ends[place] ?? 0) - from !== end - start) return false
    for (let i = 0; i < end - start; i += 1) if (this.#bytes[from + i] !== bytes[start + i]) return false
    return true
  }

  #startOf(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] ?? 0)
  }

  #makeRoom(bytes: number): void {
    if (this.#count === this.#ends.length) {
      const ends = new Uint32Array(this.#ends.length * 2)
      ends.set(this.#ends)
      this.#ends = ends
    }
    if (bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.#bytes.length * 2))
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}
