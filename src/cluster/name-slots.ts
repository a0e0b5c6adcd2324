import type { PodRow } from './rows.ts'

const FIRST_CAPACITY = 1024
/** Bytes of a slot: the length, then the name, one byte a character. */
const SLOT = 32
const LENGTH_MAX = SLOT - 1

/**
 * Short names of pods by row, as bytes: a string a pod, alive as long as the pod, is what the collector of garbage would
 * copy most of.
 */
export class NameSlots {
  #bytes = Buffer.alloc(FIRST_CAPACITY * SLOT)
  /** The name kept last: who hears of the pod's creation wants it. */
  #newestRow = -1
  #newestName = ''

  /** Keeps a name for the row; false when it is empty, too long, or not of characters of one byte. */
  keep(row: PodRow, name: string): boolean {
    if (name.length > LENGTH_MAX || name === '') return false
    const first = row * SLOT
    while (first + SLOT > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2)
    const bytes = this.#bytes
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i)
      if (code > 0xff) return false
      bytes[first + 1 + i] = code
    }
    bytes[first] = name.length
    this.#newestRow = row
    this.#newestName = name
    return true
  }

  /** The name that was kept for the row last. */
  get(row: PodRow): string {
    if (row === this.#newestRow) return this.#newestName
    const first = row * SLOT + 1
    return this.#bytes.toString('latin1', first, first + (this.#bytes[first - 1] as number))
  }
}
