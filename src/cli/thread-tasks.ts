import type { MessagePort } from 'node:worker_threads'

import { serveUnits } from '../threads/serve-units.ts'
import type { TrialCell } from '../plan/compaction/trial.ts'
import type { ThreadStart } from '../threads/thread-task.ts'

/** What a thread can be started for; a task is loaded by the thread that does it. */
const SERVES: Readonly<Record<string, (port: MessagePort, setup: unknown) => Promise<void>>> = {
  'sweep-runs': async (port) => {
    const { sweepRuns } = await import('../sweep/run-units.ts')
    serveUnits(port, () => sweepRuns.start(undefined))
  },
  'compaction-trials': async (port, setup) => {
    const { compactionTrials } = await import('../plan/compaction/trial-threads.ts')
    serveUnits(port, () => compactionTrials.start(setup as TrialCell))
  },
  'fgd-study': async (port) => {
    const { studyRuns } = await import('../benchmark/fgd/study-threads.ts')
    serveUnits(port, () => studyRuns.start(undefined))
  },
}

/** Serves the task that a thread was started for, until its port is closed; false where it was started for none of ours. */
export async function serveThread(port: MessagePort, start: unknown): Promise<boolean> {
  const { task, setup }: Partial<ThreadStart> = typeof start === 'object' && start !== null ? start : {}
  const serve = task === undefined ? undefined : SERVES[task]
  await serve?.(port, setup)
  return serve !== undefined
}
