import { Calendar } from '../base/calendar.ts'
import { InputError } from '../base/errors.ts'
import { SECOND } from '../base/time.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { checkRun } from './check-run.ts'
import type { CheckedRun } from './check-run.ts'
import type { Value } from './draws.ts'
import { faultsEndAt } from './fault-kinds.ts'
import { scenarioOfCase } from './fuzz-case.ts'
import type { FuzzCase } from './fuzz-case.ts'
import type { Violation } from './laws/violation.ts'

/**
 * The runs of a scenario: the third is the first once more, by the definition alone, without fast paths, where that has to
 * come to the same writes.
 */
export const PASSES = ['with faults', 'without faults', 'again'] as const

export type Pass = (typeof PASSES)[number]

/** What is wrong with a scenario, and in which run of it. */
export interface PassFailure {
  readonly pass: Pass
  readonly violations: readonly Violation[]
}

/** What the runs of a scenario came to. */
export interface CheckedScenario {
  readonly events: number
  readonly runs: number
  readonly failures: readonly PassFailure[]
}

/** How a scenario is checked. */
export interface PassOptions {
  readonly signal: AbortSignal
  readonly passes: readonly Pass[]
}

/**
 * Runs a scenario with its faults, which come as they are written, too, for when they end; then without, so that a difference is theirs, then with them once more: the
 * events must be the same, or at least what becomes of pods where the definition tries some more often. One without faults has no first run.
 */
export async function checkScenario(
  scenario: Scenario,
  faults: readonly Value[],
  { signal, passes }: PassOptions,
): Promise<CheckedScenario> {
  const failures: PassFailure[] = []
  let [events, runs] = [0, 0]
  const check = async (one: Scenario, ends: readonly Value[], usesIndex: boolean): Promise<CheckedRun> => {
    const found = await checkRun(one, { signal, quietFrom: quietFrom(scenario, ends), usesIndex })
    events += found.events
    runs += 1
    return found
  }
  const note = (pass: Pass, violations: readonly Violation[]): void => {
    if (violations.length > 0) failures.push({ pass, violations })
  }
  const hasFaults = scenario.failures.length > 0
  const plain = { ...scenario, failures: [] }
  let last: CheckedRun | undefined
  if (passes.includes('without faults')) {
    last = await check(plain, [], true)
    note('without faults', last.violations)
  }
  const wantsFirst = passes.includes('with faults') && hasFaults
  if (wantsFirst || (passes.includes('again') && (hasFaults || last === undefined))) {
    last = await check(scenario, faults, true)
    if (wantsFirst) note('with faults', last.violations)
  }
  if (passes.includes('again') && last !== undefined && !signal.aborted) {
    // What is known to fail again is not taken early from the back-off queue, as the definition takes it (src/scheduler/scheduler.ts).
    const usesIndex = scenario.featureGates.get('SchedulerPopFromBackoffQ') === true
    const again = await check(scenario, faults, usesIndex)
    note('again', usesIndex ? sameEvents(last, again) : sameWrites(last, again))
  }
  return { events, runs, failures }
}

/** As `checkScenario`, of a case that was generated; one that is no valid scenario fails, too. */
export async function checkCase(
  fuzzCase: FuzzCase,
  options: PassOptions & { readonly folder: string },
): Promise<CheckedScenario> {
  try {
    return await checkScenario(scenarioOfCase(fuzzCase, options.folder), fuzzCase.failures, options)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const violation = { law: 'scenario-is-valid', at: 0, message: error.message }
    return { events: 0, runs: 0, failures: [{ pass: 'with faults', violations: [violation] }] }
  }
}

/** When everything that is asked for or breaks is over, in seconds; undefined when that cannot be said. */
function quietFrom({ startTime, actions }: Scenario, failures: readonly Value[]): number | undefined {
  const faults = faultsEndAt(failures, new Calendar(startTime))
  if (faults === undefined) return undefined
  return Math.max(faults, ...actions.map(({ at }) => at / SECOND))
}

function sameEvents(first: CheckedRun, again: CheckedRun): readonly Violation[] {
  if (first.eventDigest === again.eventDigest || first.violations.length > 0) return []
  const [one, other] = [first, again].map((run) => `${run.events} events, digest ${run.eventDigest}`)
  return [{ law: 'twice-is-the-same', at: 0, message: `${one}, then ${other}` }]
}

/**
 * Without fast paths pods are written alike, until the definition tries a pod in vain of which the fast paths knew that it fits nowhere: it
 * backs off for that, and may come later to a node than one that was spared it (src/scheduler/scheduler.ts).
 */
function sameWrites(first: CheckedRun, again: CheckedRun): readonly Violation[] {
  if (first.pods.digest === again.pods.digest || first.violations.length > 0) return []
  const at = again.pods.firstTryBeyond(first.pods)
  if (at !== undefined && first.pods.digestBefore(at) === again.pods.digestBefore(at)) return []
  const [one, other] = [first, again].map((run) => `${run.events} events, writes ${run.pods.digest}`)
  return [{ law: 'twice-is-the-same', at: 0, message: `${one}, without fast paths ${other}` }]
}
