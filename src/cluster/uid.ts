/** Mixes two integers of 32 bits into one: the finaliser of MurmurHash3 (Appleby), over their combination. */
function mixed(one: number, other: number): number {
  let bits = Math.imul(one ^ (other + 0x9e3779b9), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** Gives objects their `metadata.uid`: equal for equal seeds and numbers, without a pattern that sorting would show. */
export class Uids {
  readonly #seed: number

  constructor(seed: string) {
    let bits = 2166136261
    for (let i = 0; i < seed.length; i++) bits = Math.imul(bits ^ seed.charCodeAt(i), 16777619)
    this.#seed = bits >>> 0
  }

  /** Uid, in the form of RFC 9562 version 4, of the `number`-th of its sort; sorts are told apart by `sort`. */
  of(sort: string, number: number): string {
    let part = this.#seed
    for (let i = 0; i < sort.length; i++) part = mixed(part, sort.charCodeAt(i))
    const hex = [0, 1, 2, 3].map((word) => {
      part = mixed(mixed(part, number), Math.floor(number / 2 ** 32) + word)
      return part.toString(16).padStart(8, '0')
    })
    const text = hex.join('')
    const variant = '89ab'[Number.parseInt(text[16] ?? '0', 16) % 4] ?? '8'
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`
  }
}
