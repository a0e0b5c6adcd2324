import { GO_RANDOM_TABLE } from './go-random-table.ts'

const LENGTH = 607
const TAP = 273
const WORD = 2 ** 32
const INT31_MAX = 2 ** 31 - 1
/** What a seed of 0 stands for. */
const ZERO_SEED = 89_482_311
/** Turns of the seeding generator before its numbers are used. */
const WARM_UP = 20

/**
 * Go's math/rand with a seed, as Go 1 promises it to stay: for repeating the order of work of programs that are written in Go.
 * Simulated chance comes from `RandomStreams`.
 *
 * An additive lagged Fibonacci generator over 64 bits, x(n) = x(n − 273) + x(n − 607) (Mitchell and Reeds).
 * Source: Go, math/rand rng.go and rand.go.
 */
export class GoRandom {
  readonly #high = new Uint32Array(LENGTH)
  readonly #low = new Uint32Array(LENGTH)
  #tap = 0
  #feed = LENGTH - TAP

  /** `seed` is an integer. */
  constructor(seed: number) {
    const cooked = new DataView(Uint8Array.from(atob(GO_RANDOM_TABLE), (char) => char.charCodeAt(0)).buffer)
    let x = ((seed % INT31_MAX) + INT31_MAX) % INT31_MAX
    if (x === 0) x = ZERO_SEED
    for (let turn = 0; turn < WARM_UP; turn++) x = nextSeed(x)
    for (let i = 0; i < LENGTH; i++) {
      x = nextSeed(x)
      const first = x
      x = nextSeed(x)
      const second = x
      x = nextSeed(x)
      // first << 40 ^ second << 20 ^ third, in two words.
      this.#high[i] = (first << 8) ^ (second >>> 12) ^ cooked.getUint32(8 * i + 4, true)
      this.#low[i] = (second << 20) ^ x ^ cooked.getUint32(8 * i, true)
    }
  }

  /** Takes one number and leaves it unused. */
  skip(): void {
    this.#step()
  }

  /** `Intn`: an integer from 0 to below `below`, which is at most 2^31 − 1. */
  integer(below: number): number {
    if ((below & (below - 1)) === 0) return this.#int31() & (below - 1)
    const most = INT31_MAX - (2 ** 31 % below)
    let value = this.#int31()
    while (value > most) value = this.#int31()
    return value % below
  }

  /** `Shuffle`: puts a list in another order, each as likely. */
  shuffle(list: unknown[]): void {
    for (let i = list.length - 1; i > 0; i--) {
      const other = this.#integerByProduct(i + 1)
      const item = list[i]
      list[i] = list[other]
      list[other] = item
    }
  }

  /** `Perm`: the numbers from 0 to below `count` in some order. */
  permutation(count: number): number[] {
    const numbers: number[] = []
    for (let i = 0; i < count; i++) {
      const other = this.integer(i + 1)
      numbers[i] = numbers[other] ?? 0
      numbers[other] = i
    }
    return numbers
  }

  /** `int31n`: Lemire's product of a 32-bit number with the bound. */
  #integerByProduct(below: number): number {
    let product = BigInt(this.#uint32()) * BigInt(below)
    if (Number(product & 0xffff_ffffn) < below) {
      const least = (WORD - below) % below
      while (Number(product & 0xffff_ffffn) < least) product = BigInt(this.#uint32()) * BigInt(below)
    }
    return Number(product >> 32n)
  }

  /** The upper 31 of the 63 bits that Go takes of a number. */
  #int31(): number {
    const place = this.#step()
    return (this.#high[place] as number) & INT31_MAX
  }

  /** The upper 32 of those 63 bits. */
  #uint32(): number {
    const place = this.#step()
    return (((this.#high[place] as number) << 1) | ((this.#low[place] as number) >>> 31)) >>> 0
  }

  /** Makes the next number; its place. */
  #step(): number {
    this.#tap = this.#tap === 0 ? LENGTH - 1 : this.#tap - 1
    this.#feed = this.#feed === 0 ? LENGTH - 1 : this.#feed - 1
    const low = (this.#low[this.#feed] as number) + (this.#low[this.#tap] as number)
    const carry = low >= WORD ? 1 : 0
    this.#low[this.#feed] = low
    this.#high[this.#feed] = (this.#high[this.#feed] as number) + (this.#high[this.#tap] as number) + carry
    return this.#feed
  }
}

/** The generator that a seed is spread by: 48271 x mod 2^31 − 1 (Park and Miller). */
function nextSeed(x: number): number {
  return (48_271 * x) % INT31_MAX
}
