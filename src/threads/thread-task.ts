/**
 * Work that can be done on threads: what a thread is started with, the units of work and what comes of each are plain records, so that
 * all three can leave a thread, or this machine.
 */
export interface ThreadTask<Setup, Unit, Result> {
  /** By which a thread finds the task again. */
  readonly name: string
  /** Makes ready, once a thread, what does one unit after another. */
  readonly start: (setup: Setup) => DoUnit<Unit, Result>
}

/** Does a unit to its end, or until the signal stops it: then the result is what there is, or undefined. */
export type DoUnit<Unit, Result> = (unit: Unit, signal: AbortSignal) => Promise<Result | undefined>

/** What a thread of this program is started with: it serves units of the task, and reads no command line. */
export interface ThreadStart {
  /** Name of the task. */
  readonly task: string
  readonly setup: unknown
}

/** What a thread is told: a unit to do, or to end the one that it is at. */
export type ThreadOrder = { readonly unit: unknown } | 'stop'
