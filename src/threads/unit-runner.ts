import { realpathSync } from 'node:fs'
import { BroadcastChannel, Worker } from 'node:worker_threads'

import { LOOP_CHANNEL, loopError } from '../run/plugin-watch.ts'
import type { LoopNotice } from '../run/plugin-watch.ts'
import type { ThreadAnswer } from './serve-units.ts'
import { unpackedError } from './thread-error.ts'
import type { ThreadOrder, ThreadStart, ThreadTask } from './thread-task.ts'

/** What does one unit after another. */
export interface UnitRunner<Unit, Result> {
  /** Undefined where the signal left nothing. Throws what the unit threw, and when the thread does not live through it. */
  run(unit: Unit): Promise<Result | undefined>
  /** Whether it can run no more. */
  isBroken(): boolean
  close(): Promise<unknown>
}

/** Does units in this thread. */
export function runnerHere<Setup, Unit, Result>(
  task: ThreadTask<Setup, Unit, Result>,
  setup: Setup,
  signal: AbortSignal,
): UnitRunner<Unit, Result> {
  const doUnit = task.start(setup)
  return { run: (unit) => doUnit(unit, signal), isBroken: () => false, close: async () => undefined }
}

/** A thread that starts the program anew, which then serves units of the task. */
export function runnerOnThread<Setup, Unit, Result>(
  program: string,
  { task, setup }: { readonly task: ThreadTask<Setup, Unit, Result>; readonly setup: Setup },
  signal: AbortSignal,
): UnitRunner<Unit, Result> {
  const start: ThreadStart = { task: task.name, setup }
  const worker = new Worker(realpathSync(program), { workerData: start, argv: [] })
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
          else resolve(answer.result as Result | undefined)
        }
        const failed = (error: Error): void => {
          settle()
          isBroken = true
          reject(error)
        }
        const ended = (status: number): void =>
          failed(new Error(`a thread of ${task.name} ended with ${status}`))
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
