import { realpathSync } from 'node:fs'
import { BroadcastChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { LOOP_CHANNEL, loopError } from '../../run/plugin-watch.ts'
import type { LoopNotice } from '../../run/plugin-watch.ts'
import { packedError, unpackedError } from '../../sweep/unit-error.ts'
import type { UnitError } from '../../sweep/unit-error.ts'
import { TRIAL_THREAD } from './thread-name.ts'
import { Trials } from './trial.ts'
import type { TrialCell, TrialResult, TrialUnit } from './trial.ts'

/** How trials are made. */
export interface TrialsSetting {
  /** Threads at most. */
  readonly workers: number
  /** The file that a thread of this program starts with; undefined makes all trials in this thread. */
  readonly program: string | undefined
  /** Ends the trials under way; those that wait are not begun. */
  readonly signal: AbortSignal
  /** Called as each trial is done, in the order in which they are. */
  readonly onDone?: (result: TrialResult, done: number) => void
}

/** What a thread is told: the cell, then one trial after another, or to end the one that it is at. */
type TrialOrder = { readonly cell: TrialCell } | { readonly unit: TrialUnit } | 'stop'

type TrialAnswer = { readonly result: TrialResult | undefined } | { readonly error: UnitError }

interface TrialRunner {
  run(unit: TrialUnit): Promise<TrialResult | undefined>
  close(): Promise<unknown>
}

/**
 * Makes trials on as many threads as are asked for; results in the order of the units, undefined for those that the signal left
 * unfinished. What a trial comes to does not depend on the threads. The first error ends all, and is thrown.
 */
export async function runTrials(
  cell: TrialCell,
  units: readonly TrialUnit[],
  setting: TrialsSetting,
): Promise<readonly (TrialResult | undefined)[]> {
  const { program, signal, workers } = setting
  const results: (TrialResult | undefined)[] = units.map(() => undefined)
  let next = 0
  let done = 0
  let isBroken = false
  const work = async (runner: TrialRunner): Promise<void> => {
    while (next < units.length && !signal.aborted && !isBroken) {
      const index = next++
      const unit = units[index]
      const result = unit === undefined ? undefined : await runner.run(unit)
      results[index] = result
      if (result === undefined) continue
      done += 1
      setting.onDone?.(result, done)
    }
  }
  const count = program === undefined ? 1 : Math.min(workers, units.length)
  const runners = Array.from({ length: count }, () =>
    program === undefined || count === 1 ? here(cell, signal) : onThread(program, cell, signal),
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

function here(cell: TrialCell, signal: AbortSignal): TrialRunner {
  const trials = new Trials(cell)
  return { run: (unit) => trials.run(unit, signal), close: async () => undefined }
}

/** A thread that starts the program anew, which then serves trials. */
function onThread(program: string, cell: TrialCell, signal: AbortSignal): TrialRunner {
  const worker = new Worker(realpathSync(program), { workerData: TRIAL_THREAD, argv: [] })
  const send = (order: TrialOrder): void => worker.postMessage(order)
  const stop = (): void => send('stop')
  signal.addEventListener('abort', stop)
  send({ cell })
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
        const answered = (answer: TrialAnswer): void => {
          settle()
          if ('error' in answer) reject(unpackedError(answer.error))
          else resolve(answer.result)
        }
        const failed = (error: Error): void => {
          settle()
          reject(error)
        }
        const ended = (status: number): void =>
          failed(new Error(`a thread of the trials ended with ${status}`))
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

/** Runs the trials that come over a port, one after another, until the port is closed. */
export function serveTrials(port: MessagePort): void {
  const stop = new AbortController()
  let trials: Trials | undefined
  const answerTo = async (unit: TrialUnit): Promise<TrialAnswer> => {
    try {
      return { result: await trials?.run(unit, stop.signal) }
    } catch (error) {
      return { error: packedError(error) }
    }
  }
  port.on('message', (order: TrialOrder) => {
    if (order === 'stop') stop.abort()
    else if ('cell' in order) trials = new Trials(order.cell)
    else void answerTo(order.unit).then((answer) => port.postMessage(answer))
  })
}
