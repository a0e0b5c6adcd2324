import { checkRun } from './check-run.ts'
import type { CheckedRun } from './check-run.ts'
import type { Value } from './draws.ts'
import { faultsEndAt, seconds } from './fault-kinds.ts'
import { scenarioOfCase } from './fuzz-case.ts'
import type { FuzzCase } from './fuzz-case.ts'
import type { Violation } from './laws/violation.ts'
import { withoutFaults } from './random-case.ts'

/** Which runs of a case there are. */
export type Pass = 'with faults' | 'without faults' | 'again'

/** What is wrong with a case, and in which run of it. */
export interface CaseFailure {
  readonly pass: Pass
  readonly violations: readonly Violation[]
}

/** What a case came to. */
export interface CheckedCase {
  readonly events: number
  readonly runs: number
  readonly failures: readonly CaseFailure[]
}

/** How a case is checked. */
export interface CaseOptions {
  /** Folder for the trace of a case that has tasks. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Which runs; all that mean something by default. */
  readonly passes?: readonly Pass[]
}

/** When everything that a scenario asks for or breaks is over, in seconds; undefined when that cannot be said. */
export function quietFrom(actions: readonly Value[], failures: readonly Value[]): number | undefined {
  const faults = faultsEndAt(failures)
  if (faults === undefined) return undefined
  return Math.max(faults, ...actions.map((action) => seconds(action['at'])))
}

/**
 * Runs a case with its faults, then without, so that a difference is theirs, then with them once more by the definition
 * alone, without fast paths: the events must be the same.
 */
export async function checkCase(fuzzCase: FuzzCase, options: CaseOptions): Promise<CheckedCase> {
  const { folder, signal, passes = ['with faults', 'without faults', 'again'] } = options
  const failures: CaseFailure[] = []
  const hasFaults = fuzzCase.failures.length > 0
  let events = 0
  let runs = 0
  const check = async (one: FuzzCase, usesIndex: boolean): Promise<CheckedRun> => {
    const quiet = quietFrom(one.actions, one.failures)
    const found = await checkRun(scenarioOfCase(one, folder), { signal, quietFrom: quiet, usesIndex })
    events += found.events
    runs += 1
    return found
  }
  const note = (pass: Pass, violations: readonly Violation[]): void => {
    if (violations.length > 0) failures.push({ pass, violations })
  }
  const wantsAgain = passes.includes('again')
  let first: CheckedRun | undefined
  if (wantsAgain || (passes.includes('with faults') && hasFaults)) {
    first = await check(fuzzCase, true)
    if (passes.includes('with faults') || !hasFaults) note(hasFaults ? 'with faults' : 'without faults', first.violations)
  }
  if (passes.includes('without faults') && (hasFaults || first === undefined)) {
    note('without faults', (await check(withoutFaults(fuzzCase), true)).violations)
  }
  if (wantsAgain && first !== undefined && !signal.aborted) note('again', difference(first, await check(fuzzCase, false)))
  return { events, runs, failures }
}

function difference(first: CheckedRun, again: CheckedRun): readonly Violation[] {
  const isSame = first.eventDigest === again.eventDigest || first.violations.length > 0
  if (isSame) return []
  const message = `${first.events} events with digest ${first.eventDigest}, then ${again.events} with ${again.eventDigest}`
  return [{ law: 'twice-is-the-same', at: 0, message }]
}
