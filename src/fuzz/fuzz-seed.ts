import { checkCase } from './check-case.ts'
import type { CheckedScenario, Pass, PassFailure } from './check-case.ts'
import { randomCase, withoutFaults } from './random-case.ts'
import type { FuzzCase } from './fuzz-case.ts'
import { shrinkCase } from './shrink.ts'
import type { ShrunkCase } from './shrink.ts'

/** What a seed came to. */
export interface FuzzedSeed extends CheckedScenario {
  readonly seed: number
}

/** How seeds are run. */
export interface SeedOptions {
  /** Folder for traces of scenarios that have tasks. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly passes: readonly Pass[]
}

/** The law that a seed breaks whose run does not end: found by whoever waits for it. */
export const HANGS = 'runs-end'

/** Candidates that are tried to make a failing seed smaller. */
const TRIES_MAX = 400

/** Runs the cluster of a seed. */
export async function fuzzSeed(seed: number, options: SeedOptions): Promise<FuzzedSeed> {
  return { seed, ...(await checkCase(randomCase(seed), options)) }
}

/** Makes the cluster of a failing seed smaller as long as the same run of it breaks the same law. */
export async function shrinkSeed(
  seed: number,
  { pass, violations }: PassFailure,
  { folder, signal }: SeedOptions,
): Promise<ShrunkCase> {
  const [first] = violations
  const whole = randomCase(seed)
  const start = pass === 'without faults' ? withoutFaults(whole) : whole
  const stillFails = async (candidate: FuzzCase): Promise<boolean> => {
    const { failures } = await checkCase(candidate, { folder, signal, passes: [passOf(pass, candidate)] })
    return failures.some((failure) => failure.violations.some(({ law }) => law === first?.law))
  }
  return shrinkCase(start, stillFails, { triesMax: TRIES_MAX, signal })
}

/** A candidate whose last fault was left out is run without any. */
function passOf(pass: Pass, { failures }: FuzzCase): Pass {
  return pass === 'with faults' && failures.length === 0 ? 'without faults' : pass
}
