import { InvariantError } from '../base/assert.ts'
import { SECOND } from '../base/time.ts'
import { replayRun } from '../run/run.ts'
import type { ReplayedParts } from '../run/run.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { OutageLaw } from './laws/outage-law.ts'
import { checkReport } from './laws/report-laws.ts'
import { checkSettled } from './laws/settled-laws.ts'
import { Strain } from './laws/strain.ts'
import { ViewLaws } from './laws/view-laws.ts'
import type { Violation } from './laws/violation.ts'
import { PodHistory } from './pod-history.ts'
import { WriteLaws } from './laws/write-laws.ts'
import { SETTLE_SECONDS } from './random-case.ts'

/** Events between two looks at everything. */
const FULL_EVERY = 250

/** Far more than an hour and a half of a small cluster takes: more is a component that never comes to rest. */
const EVENTS_MAX = 200_000

/** Violations of one run that are kept: one wrong sum is told of again and again. */
const VIOLATIONS_MAX = 20

/** What a run of a scenario came to. */
export interface CheckedRun {
  readonly violations: readonly Violation[]
  readonly events: number
  readonly eventDigest: string
  /** Of all writes of pods: instant, event, pod and node. */
  readonly pods: PodHistory
}

/** How a run is looked at. */
export interface CheckOptions {
  readonly signal: AbortSignal
  /** When everything that was asked for or broken is over, in seconds; undefined when that is not known. */
  readonly quietFrom: number | undefined
  /** Whether fast paths may answer; true by default. */
  readonly usesIndex?: boolean
}

/**
 * Runs a scenario and looks: at what each write changed inside it, at everything every few hundred events, and at its end at
 * whether all is whole again, where an hour of quiet comes before. A promise that a component finds broken itself is a
 * violation, too.
 */
export async function checkRun(scenario: Scenario, options: CheckOptions): Promise<CheckedRun> {
  const { signal, quietFrom, usesIndex = true } = options
  const violations: Violation[] = []
  const controller = new AbortController()
  let run: ReplayedParts | undefined
  const tell = (law: string, message: string): void => {
    if (violations.length < VIOLATIONS_MAX) violations.push({ law, at: run?.sim.now ?? 0, message })
    if (violations.length >= VIOLATIONS_MAX) controller.abort()
  }
  let full = (): void => undefined
  let strain: Strain | undefined
  const pods = new PodHistory()
  const prepare = (parts: ReplayedParts): void => {
    run = parts
    pods.follow(parts)
    strain = new Strain(parts.api)
    const writes = new WriteLaws(parts.api, tell)
    const outages = new OutageLaw(parts.api, tell)
    const views = new ViewLaws(parts, tell)
    full = () => {
      views.check()
      writes.checkSums()
      outages.check()
    }
  }
  const onSlice = (): void => {
    if (run === undefined) return
    // What was written in this instant is heard before its end.
    run.sim.run(run.sim.now)
    full()
    if (run.sim.executed > EVENTS_MAX) {
      tell('comes-to-rest', `${run.sim.executed} events, and no end`)
      controller.abort()
    }
  }
  try {
    const stop = AbortSignal.any([signal, controller.signal])
    const end = await replayRun(scenario, prepare, stop, { usesIndex, sliceEvents: FULL_EVERY, onSlice })
    const isWhole = quietFrom !== undefined && end.sim.now >= (quietFrom + SETTLE_SECONDS) * SECOND
    if (isWhole && strain !== undefined && !stop.aborted) checkSettled(end, strain, tell)
    if (!stop.aborted) checkReport(end, tell)
  } catch (error) {
    if (!isDefect(error)) throw error
    tell('no-broken-promise', error.message)
  }
  return {
    violations,
    events: run?.sim.executed ?? 0,
    eventDigest: run?.sim.log.hash ?? '',
    pods,
  }
}

/** Whether an error is one of ours, not of what the user gave. */
function isDefect(error: unknown): error is Error {
  if (error instanceof InvariantError) return true
  return error instanceof Error && ['TypeError', 'RangeError', 'ReferenceError'].includes(error.name)
}
