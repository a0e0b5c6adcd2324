import { runOnThreads } from '../../threads/run-on-threads.ts'
import type { ThreadsSetting } from '../../threads/run-on-threads.ts'
import type { ThreadTask } from '../../threads/thread-task.ts'
import { Trials } from './trial.ts'
import type { TrialCell, TrialResult, TrialUnit } from './trial.ts'

/** The trials of a compaction, on threads; each thread keeps what those of its cell have in common. */
export const compactionTrials: ThreadTask<TrialCell, TrialUnit, TrialResult> = {
  name: 'compaction-trials',
  start: (cell) => {
    const trials = new Trials(cell)
    return (unit, signal) => trials.run(unit, signal)
  },
}

/** Makes trials on threads as `runOnThreads` does; in this thread where one is enough. */
export function runTrials(
  cell: TrialCell,
  units: readonly TrialUnit[],
  setting: ThreadsSetting<TrialUnit, TrialResult>,
): Promise<readonly (TrialResult | undefined)[]> {
  const isAlone = Math.min(setting.workers, units.length) === 1
  const program = isAlone ? undefined : setting.program
  return runOnThreads({ task: compactionTrials, setup: cell }, units, { ...setting, program })
}
