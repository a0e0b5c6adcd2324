import fc from 'fast-check'

/**
 * The seed of every property test that names none: the same in each run, so that a change is judged by what it changes.
 * `STOWAGE_PROPERTY_SEED` is another, or `random` to look for cases that nobody has met (fast-check tells the one it drew).
 */
const SEED = 1

const wanted = process.env.STOWAGE_PROPERTY_SEED
if (wanted !== 'random') {
  const seed = wanted === undefined ? SEED : Number(wanted)
  if (!Number.isSafeInteger(seed)) {
    throw new Error(`STOWAGE_PROPERTY_SEED is "${wanted}"; expected a whole number, or random`)
  }
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
}
