import type { RandomStream } from '../base/random.ts'

/** Differences up to which every choice of signs is tried: 16,384 of them, and as many with the sums' signs changed. */
const EXACT_MAX = 15
/** Choices of signs that are drawn above that. */
const DRAWS = 10_000
/** Sums that differ by less than this part are one: they are added in another order. */
const ROUNDING = 1e-12

/**
 * Chance of a mean difference as far from 0 as the one observed, or farther, if each pair could as well have been the other way
 * round; from 2^(1 - n) to 1, two-sided. Asks nothing of the distribution but that. Exact to 15 differences; above, by signs
 * drawn from the stream, where the observed ones count as a draw.
 *
 * Undefined for fewer than two differences, and where all are equal: those are no sample of anything.
 *
 * Source: Fisher, The Design of Experiments (1935), section 21; the draws: Phipson and Smyth, Statistical Applications in Genetics
 * and Molecular Biology 9 (2010), article 39. (simple-statistics has the test of two samples that are not paired.)
 */
export function signFlipTest(differences: readonly number[], stream: () => RandomStream): number | undefined {
  const [first] = differences
  if (differences.length < 2 || differences.every((difference) => difference === first)) return undefined
  const sizes = differences.map(Math.abs)
  const sum = differences.reduce((total, difference) => total + difference, 0)
  const limit = Math.abs(sum) * (1 - ROUNDING)
  return differences.length <= EXACT_MAX ? exactShare(sizes, limit) : drawnShare(sizes, limit, stream())
}

/** Over all signs; half of them, since the other half has the same sums with the sign changed. */
function exactShare(sizes: readonly number[], limit: number): number {
  const choices = 2 ** (sizes.length - 1)
  let count = 0
  for (let choice = 0; choice < choices; choice++) {
    const sum = sizes.reduce((total, size, at) => total + ((choice >> at) & 1 ? -size : size), 0)
    if (Math.abs(sum) >= limit) count += 1
  }
  return count / choices
}

function drawnShare(sizes: readonly number[], limit: number, stream: RandomStream): number {
  let count = 1
  for (let draw = 0; draw < DRAWS; draw++) {
    const sum = sizes.reduce((total, size) => total + (stream.uniform() < 0.5 ? -size : size), 0)
    if (Math.abs(sum) >= limit) count += 1
  }
  return count / (DRAWS + 1)
}

/**
 * Holm's adjustment of several tests of one question: below 0.05 in one of them by chance in 5 of 100 such families at most. Those
 * that are undefined are no tests.
 *
 * Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65–70.
 */
export function holmAdjusted(values: readonly (number | undefined)[]): readonly (number | undefined)[] {
  const tests = values
    .flatMap((value, index) => (value === undefined ? [] : [{ value, index }]))
    .toSorted((one, other) => one.value - other.value)
  const adjusted: (number | undefined)[] = values.map(() => undefined)
  let least = 0
  tests.forEach(({ value, index }, rank) => {
    least = Math.max(least, Math.min(1, value * (tests.length - rank)))
    adjusted[index] = least
  })
  return adjusted
}
