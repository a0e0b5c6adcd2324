import type { ThreadTask } from './thread-task.ts'
import { runnerHere, runnerOnThread } from './unit-runner.ts'
import type { UnitRunner } from './unit-runner.ts'

/** How units of work are done. */
export interface ThreadsSetting<Unit, Result> {
  /** Threads at most. */
  readonly workers: number
  /** The file that a thread of this program starts with; undefined does all units in this thread. */
  readonly program: string | undefined
  /** Ends the units under way early; those that wait are not begun. */
  readonly signal: AbortSignal
  /** Called as each unit is done, in the order in which they are. */
  readonly onDone?: (unit: Unit, done: number, result: Result) => void
  /** Called for a unit that threw, or whose thread did not live through it: the others go on. Without it, they do not. */
  readonly onFailed?: (unit: Unit, done: number, error: Error) => void
}

/** A task, and what each of its threads starts with. */
export interface ReadyTask<Setup, Unit, Result> {
  readonly task: ThreadTask<Setup, Unit, Result>
  readonly setup: Setup
}

/**
 * Does units of work on as many threads as are asked for, and gives their results in the order of the units, undefined for those that
 * the signal left undone, or that failed. What a unit comes to does not depend on the threads. A thread that dies is replaced.
 *
 * Unless failed units are asked for, the first error ends all: units under way are dropped, and it is thrown.
 */
export async function runOnThreads<Setup, Unit, Result>(
  ready: ReadyTask<Setup, Unit, Result>,
  units: readonly Unit[],
  setting: ThreadsSetting<Unit, Result>,
): Promise<readonly (Result | undefined)[]> {
  const { program, signal } = setting
  const results: (Result | undefined)[] = units.map(() => undefined)
  const runners = new Set<UnitRunner<Unit, Result>>()
  const queue = units.entries()
  let done = 0
  let isOver = false
  const newRunner = (): UnitRunner<Unit, Result> => {
    const runner =
      program === undefined
        ? runnerHere(ready.task, ready.setup, signal)
        : runnerOnThread(program, ready, signal)
    runners.add(runner)
    return runner
  }
  const work = async (): Promise<void> => {
    let runner = newRunner()
    while (!signal.aborted && !isOver) {
      const next = queue.next()
      if (next.done === true) return
      const [index, unit] = next.value
      const { result, error } = await outcomeOf(runner, unit)
      results[index] = result
      if (error === undefined && result === undefined) continue
      done += 1
      if (result !== undefined) setting.onDone?.(unit, done, result)
      if (error === undefined) continue
      if (isOver || setting.onFailed === undefined) throw error
      setting.onFailed(unit, done, error)
      if (!runner.isBroken()) continue
      runners.delete(runner)
      await runner.close()
      runner = newRunner()
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

interface UnitOutcome<Result> {
  readonly result?: Result | undefined
  readonly error?: Error
}

async function outcomeOf<Unit, Result>(
  runner: UnitRunner<Unit, Result>,
  unit: Unit,
): Promise<UnitOutcome<Result>> {
  try {
    return { result: await runner.run(unit) }
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}
