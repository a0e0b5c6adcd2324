import { realpathSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { runStudy } from './study-run.ts'
import type { StudyResult, StudyUnit } from './study-run.ts'
import { STUDY_THREAD } from './thread-name.ts'

/** What a thread answers to a run. */
type Answer = { readonly result: StudyResult } | { readonly error: unknown }

/** How the runs of a study are made. */
export interface StudySetting {
  /** Threads at most. */
  readonly workers: number
  /** The file that a thread of this program starts with; undefined makes all runs in this thread. */
  readonly program: string | undefined
  /** Begins no other run. */
  readonly signal: AbortSignal
  readonly onDone: (unit: StudyUnit, done: number) => void
}

/**
 * Makes the runs on as many threads as are asked for; results are in the order of the units, undefined for those that were not
 * begun when the signal came. What a run comes to does not depend on the threads. The first error ends all.
 */
export async function runStudies(
  units: readonly StudyUnit[],
  { workers, program, signal, onDone }: StudySetting,
): Promise<readonly (StudyResult | undefined)[]> {
  const results: (StudyResult | undefined)[] = units.map(() => undefined)
  let next = 0
  let done = 0
  const work = async (run: (unit: StudyUnit) => Promise<StudyResult>): Promise<void> => {
    while (next < units.length && !signal.aborted) {
      const index = next++
      const unit = units[index]
      if (unit === undefined) return
      results[index] = await run(unit)
      done += 1
      onDone(unit, done)
    }
  }
  if (program === undefined || workers === 1) {
    await work(async (unit) => {
      // Lets a signal come in between two runs.
      await new Promise((resolve) => setImmediate(resolve))
      return runStudy(unit)
    })
    return results
  }
  const file = realpathSync(program)
  const threads = Array.from(
    { length: Math.min(workers, units.length) },
    () => new Worker(file, { workerData: STUDY_THREAD, argv: [] }),
  )
  try {
    await Promise.all(threads.map((thread) => work((unit) => runOn(thread, unit))))
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
  return results
}

function runOn(thread: Worker, unit: StudyUnit): Promise<StudyResult> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      thread.off('message', answered)
      thread.off('error', failed)
      thread.off('exit', ended)
    }
    const answered = (answer: Answer): void => {
      settle()
      if ('error' in answer) reject(answer.error as Error)
      else resolve(answer.result)
    }
    const failed = (error: Error): void => {
      settle()
      reject(error)
    }
    const ended = (status: number): void => failed(new Error(`a thread of the study ended with ${status}`))
    thread.on('message', answered)
    thread.on('error', failed)
    thread.on('exit', ended)
    thread.postMessage(unit)
  })
}

/** Makes the runs that come over a port, one after another. */
export function serveStudies(port: MessagePort): void {
  port.on('message', (unit: StudyUnit) => {
    port.postMessage(answerTo(unit))
  })
}

function answerTo(unit: StudyUnit): Answer {
  try {
    return { result: runStudy(unit) }
  } catch (error) {
    return { error }
  }
}
