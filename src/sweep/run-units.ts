import { runOnThreads } from '../threads/run-on-threads.ts'
import type { ThreadsSetting } from '../threads/run-on-threads.ts'
import type { ThreadTask } from '../threads/thread-task.ts'
import { runUnit } from './run-unit.ts'
import type { RunUnit, UnitResult } from './run-unit.ts'

/** The runs of a sweep or a comparison, on threads. */
export const sweepRuns: ThreadTask<undefined, RunUnit, UnitResult> = {
  name: 'sweep-runs',
  start: () => runUnit,
}

/** Makes runs on threads: `runOnThreads`, with results that say themselves whether they were ended early. */
export function runUnits<Unit extends RunUnit>(
  units: readonly Unit[],
  setting: ThreadsSetting<Unit, UnitResult>,
): Promise<readonly (UnitResult | undefined)[]> {
  return runOnThreads<undefined, Unit, UnitResult>({ task: sweepRuns, setup: undefined }, units, setting)
}
