import { writeSync } from 'node:fs'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'

import { writing } from '../report/output-error.ts'
import { runCommandLine } from './command-line.ts'
import { EXIT } from './io.ts'
import { textStyleOf } from './text-style.ts'

/** Ends the command when its words cannot be written: whoever asked for them must not take them for whole. */
function endWithout(stream: string, error: Error): never {
  try {
    writing(stream, () => {
      throw error
    })
  } catch (told) {
    // At once, and past the stream: it may be the one that cannot be written.
    if (told instanceof Error && stream === 'standard output')
      writeSync(process.stderr.fd, `${told.message}\n`)
  }
  process.exit(EXIT.badInput)
}

/**
 * Runs one command line on the streams of the process; returns its exit status. In a thread that this program started for work of its
 * own, it does that instead.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  if (!isMainThread && parentPort !== null) {
    const { serveThread } = await import('./thread-tasks.ts')
    if (await serveThread(parentPort, workerData)) return EXIT.done
  }
  // Whoever reads may stop reading, as `head` does: then there is nobody left to write for.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.done)
      endWithout(stream === process.stdout ? 'standard output' : 'standard error', error)
    })
  }
  return runCommandLine(argv, {
    stdout: process.stdout,
    stderr: process.stderr,
    isTerminal: process.stderr.isTTY === true,
    style: textStyleOf({
      isTerminal: process.stdout.isTTY === true,
      columns: process.stdout.columns,
      environment: process.env,
    }),
    program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
  })
}
