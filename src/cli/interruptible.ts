import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'

/**
 * Runs work that SIGINT and SIGTERM ask to end early, by the signal that it is given; a second one ends the process.
 */
export async function interruptible<Result>(body: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    return await body(controller.signal)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** Says of a benchmark that was ended early that its figures would mean nothing; the exit status. */
export function interrupted(io: CommandIo): number {
  io.stderr.write('interrupted: what had been measured by then is not told\n')
  return EXIT.interrupted
}
