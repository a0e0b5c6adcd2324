#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

import { runCommandLine } from './command-line.ts'

// A long run leaves little behind and much that is short-lived: left alone, the heap grows to several times what is in use.
setFlagsFromString('--heap-growing-percent=50')

// Whoever reads may stop reading, as `head` does: then there is nobody left to write for.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stderr.isTTY === true,
  program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
})
