/** Writes whose keys are kept; who looks less often has to look at all objects. */
const KEYS_MAX = 1024

/** The keys of the last writes of one kind, in order: who looks often enough follows single objects. */
export class KeyLog {
  readonly #keys: string[] = []
  #count = 0

  /** Writes so far. */
  get count(): number {
    return this.#count
  }

  append(key: string): void {
    this.#keys[this.#count % KEYS_MAX] = key
    this.#count += 1
  }

  /** Adds the keys since there were `from` writes to a set; false, and nothing added, when some are forgotten. */
  addSince(from: number, keys: Set<string>): boolean {
    if (this.#count - from > KEYS_MAX) return false
    for (let i = from; i < this.#count; i++) keys.add(this.#keys[i % KEYS_MAX] ?? '')
    return true
  }
}
