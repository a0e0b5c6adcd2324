import { realpathSync } from 'node:fs'
import { BroadcastChannel, Worker } from 'node:worker_threads'

import { LOOP_CHANNEL, loopError } from '../run/plugin-watch.ts'
import type { LoopNotice } from '../run/plugin-watch.ts'
import { runUnit } from './run-unit.ts'
import type { RunUnit, UnitResult } from './run-unit.ts'
import { UNIT_THREAD } from './thread-name.ts'
import { unpackedError } from './unit-error.ts'
import type { ThreadAnswer, ThreadOrder } from './unit-thread.ts'

/** How the runs of a sweep are made. */
export interface SweepSetting {
  /** Threads at most. */
  readonly workers: number
  /** The file that a thread of this program starts with; undefined makes all runs in this thread. */
  readonly program: string | undefined
  /** Ends the runs under way early; those that wait are not begun. */
  readonly signal: AbortSignal
  /** Called as each run is done, in the order in which they are. */
  readonly onDone?: (unit: RunUnit, done: number) => void
}

/** What runs one unit after another. */
interface Runner {
  run(unit: RunUnit): Promise<UnitResult>
  close(): Promise<unknown>
}

/**
 * Makes the runs on as many threads as are asked for, and gives their results in the order of the units, undefined for
 * those that were not begun when the signal came. What a run comes to does not depend on the threads.
 *
 * The first error ends the sweep: runs under way are dropped, and it is thrown.
 */
export async function runUnits(
  units: readonly RunUnit[],
  setting: SweepSetting,
): Promise<readonly (UnitResult | undefined)[]> {
  const { program, signal } = setting
  const results: (UnitResult | undefined)[] = units.map(() => undefined)
  let next = 0
  let done = 0
  let isBroken = false
  const work = async (runner: Runner): Promise<void> => {
    while (next < units.length && !signal.aborted && !isBroken) {
      const index = next++
      const unit = units[index]
      if (unit === undefined) return
      results[index] = await runner.run(unit)
      done += 1
      setting.onDone?.(unit, done)
    }
  }
  const count = program === undefined ? 1 : Math.min(setting.workers, units.length)
  const runners = Array.from({ length: count }, () =>
    program === undefined ? here(signal) : onThread(program, signal),
  )
  try {
    await Promise.all(
      runners.map((runner) =>
        work(runner).catch((error: unknown) => {
          isBroken = true
          throw error
        }),
      ),
    )
  } finally {
    await Promise.all(runners.map((runner) => runner.close()))
  }
  return results
}

function here(signal: AbortSignal): Runner {
  return { run: (unit) => runUnit(unit, signal), close: async () => undefined }
}

/** A thread that starts the program anew, which then serves runs. */
function onThread(program: string, signal: AbortSignal): Runner {
  const worker = new Worker(realpathSync(program), { workerData: UNIT_THREAD, argv: [] })
  const send = (order: ThreadOrder): void => worker.postMessage(order)
  const stop = (): void => send('stop')
  signal.addEventListener('abort', stop)
  // A thread that code of a user keeps busy for ever hears nothing, but what watches it does.
  const loops = new BroadcastChannel(LOOP_CHANNEL)
  loops.unref()
  return {
    run: (unit) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          loops.onmessage = () => undefined
          worker.off('message', answered)
          worker.off('error', failed)
          worker.off('exit', ended)
        }
        const answered = (answer: ThreadAnswer): void => {
          settle()
          if ('error' in answer) reject(unpackedError(answer.error))
          else resolve(answer.result)
        }
        const failed = (error: Error): void => {
          settle()
          reject(error)
        }
        const ended = (status: number): void =>
          failed(new Error(`a thread of the sweep ended with ${status}`))
        loops.onmessage = ({ data }) => {
          const notice = data as LoopNotice
          if (notice.thread === worker.threadId) failed(loopError(notice, {}))
        }
        worker.on('message', answered)
        worker.on('error', failed)
        worker.on('exit', ended)
        send({ unit })
      }),
    close: () => {
      signal.removeEventListener('abort', stop)
      loops.close()
      return worker.terminate()
    },
  }
}
