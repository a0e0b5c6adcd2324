/** Turns before the first number is taken, so that near seeds are far apart. */
const WARM_UP = 20

/**
 * Numbers in the open interval (0, 1) from a 32-bit seed by Chris Doty-Humphrey's sfc32 (PractRand): a dozen lines in any
 * language, for work that other programs have to make again. Simulated chance comes from `RandomStreams`.
 */
export function sfc32(seed: number): () => number {
  let a = 0x9e3779b9 ^ seed
  let b = 0x243f6a88
  let c = 0xb7e15162
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return ((sum >>> 0) + 0.5) / 2 ** 32
  }
  for (let turn = 0; turn < WARM_UP; turn++) next()
  return next
}
