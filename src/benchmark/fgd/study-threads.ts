import { setImmediate as nextTurn } from 'node:timers/promises'

import { runOnThreads } from '../../threads/run-on-threads.ts'
import type { ThreadsSetting } from '../../threads/run-on-threads.ts'
import type { ThreadTask } from '../../threads/thread-task.ts'
import { runStudy } from './study-run.ts'
import type { StudyResult, StudyUnit } from './study-run.ts'

/** The runs of a study, on threads. A run is not ended early. */
export const studyRuns: ThreadTask<undefined, StudyUnit, StudyResult> = {
  name: 'fgd-study',
  start: () => async (unit) => {
    // Lets a signal come in between two runs.
    await nextTurn()
    return runStudy(unit)
  },
}

/** Makes the runs of a study on threads as `runOnThreads` does; in this thread where one is enough. */
export function runStudies(
  units: readonly StudyUnit[],
  setting: ThreadsSetting<StudyUnit, StudyResult>,
): Promise<readonly (StudyResult | undefined)[]> {
  const program = setting.workers === 1 ? undefined : setting.program
  return runOnThreads({ task: studyRuns, setup: undefined }, units, { ...setting, program })
}
