import os from 'node:os'

import { InputError } from '../base/errors.ts'
import { countNumber } from './flag-number.ts'

/** Flags of commands that run scenarios with several seeds. */
export interface SweepFlags {
  readonly seeds?: string
  readonly workers?: string
}

/** Runs of one scenario at most: what is more than this is a slip of the keyboard. */
const SEEDS_MAX = 100_000

/**
 * The seeds that a flag means: `10` is 1 to 10, `3..7` from one to the other, `1,4,9` these. Each once, in the order given.
 */
export function seedsOf(text: string): readonly number[] {
  const seeds =
    text.includes(',') || text.includes('..')
      ? listed(text)
      : range(1, countNumber('--seeds', text, SEEDS_MAX))
  if (new Set(seeds).size === seeds.length) return seeds
  throw new InputError({ field: '--seeds', message: `"${text}" has a seed twice` })
}

function listed(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [first = '', last, ...more] = part.trim().split('..')
    if (more.length > 0 || !isNumber(first) || (last !== undefined && !isNumber(last))) throw noSeeds(text)
    const [from, to] = [Number(first), Number(last ?? first)]
    if (to < from || to - from >= SEEDS_MAX) throw noSeeds(text)
    return range(from, to)
  })
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text)
}

function noSeeds(text: string): InputError {
  return new InputError({
    field: '--seeds',
    message: `"${text}" are no seeds`,
    hint: 'expected a number of seeds such as 10, a range such as 3..7, or a list such as 1,4,9',
  })
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** How many threads a sweep has: `--workers`, or one a core. */
export function workersOf(flags: SweepFlags): number {
  if (flags.workers !== undefined) return countNumber('--workers', flags.workers, 1024)
  return Math.max(1, os.availableParallelism())
}
