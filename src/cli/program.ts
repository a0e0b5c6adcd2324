import { runCommandLine } from './command-line.ts'

/** Runs one command line on the streams of the process; returns its exit status. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  // Whoever reads may stop reading, as `head` does: then there is nobody left to write for.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(0)
    })
  }
  return runCommandLine(argv, {
    stdout: process.stdout,
    stderr: process.stderr,
    isTerminal: process.stderr.isTTY === true,
    program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
  })
}
