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
export interface SweepSetting<Unit extends RunUnit = RunUnit> {
  /** Threads at most. */
  readonly workers: number
  /** The file that a thread of this program starts with; undefined makes all runs in this thread. */
  readonly program: string | undefined
  /** Ends the runs under way early; those that wait are not begun. */
  readonly signal: AbortSignal
  /** Called as each run is done, in the order in which they are. */
  readonly onDone?: (unit: Unit, done: number, result: UnitResult) => void
  /** Called for a run that threw, or whose thread did not live through it: the others go on. Without it, they do not. */
  readonly onFailed?: (unit: Unit, done: number, error: unknown) => void
}

/** What runs one unit after another. */
interface Runner {
  run(unit: RunUnit): Promise<UnitResult>
  /** Whether it can run no more. */
  isBroken(): boolean
  close(): Promise<unknown>
}

/**
 * Makes the runs on as many threads as are asked for, and gives their results in the order of the units, undefined for
 * those that were not begun when the signal came, or failed. What a run comes to does not depend on the threads.
 *
 * Unless failed runs are asked for, the first error ends the sweep: runs under way are dropped, and it is thrown.
 */
export async function runUnits<Unit extends RunUnit>(
  units: readonly Unit[],
  setting: SweepSetting<Unit>,
): Promise<readonly (UnitResult | undefined)[]> {
  const { program, signal } = setting
  const results: (UnitResult | undefined)[] = units.map(() => undefined)
  const runners = new Set<Runner>()
  let next = 0
  let done = 0
  let isOver = false
  const newRunner = (): Runner => {
    const runner = program === undefined ? here(signal) : onThread(program, signal)
    runners.add(runner)
    return runner
  }
  const work = async (): Promise<void> => {
    let runner = newRunner()
    while (next < units.length && !signal.aborted && !isOver) {
      const index = next++
      const unit = units[index]
      if (unit === undefined) return
      try {
        const result = await runner.run(unit)
        results[index] = result
        done += 1
        setting.onDone?.(unit, done, result)
      } catch (error) {
        // An error of onDone comes here as well, and is none of the run's.
        if (isOver || setting.onFailed === undefined || results[index] !== undefined) throw error
        done += 1
        setting.onFailed(unit, done, error)
        if (!runner.isBroken()) continue
        runners.delete(runner)
        await runner.close()
        runner = newRunner()
      }
    }
  }
  const count = program === undefined ? 1 : Math.min(setting.workers, units.length)
  try {
    await Promise.all(
      Array.from({ length: count }, () =>
        work().catch((error: unknown) => {
          isOver = true
          throw error
        }),
      ),
    )
  } finally {
    await Promise.all([...runners].map((runner) => runner.close()))
  }
  return results
}

function here(signal: AbortSignal): Runner {
  return { run: (unit) => runUnit(unit, signal), isBroken: () => false, close: async () => undefined }
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
  let isBroken = false
  return {
    isBroken: () => isBroken,
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
          isBroken = true
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
