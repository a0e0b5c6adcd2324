#!/usr/bin/env node
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { isMainThread } from 'node:worker_threads'

import { PROGRAM_FILE, V8_FLAGS, compiledProgram } from './compiled-program.ts'
import type { Program } from './compiled-program.ts'

// Before the program is compiled: kept code is good for the flags that it was made with. Threads share them.
if (isMainThread) for (const flag of V8_FLAGS) setFlagsFromString(flag)

const file = path.join(path.dirname(fileURLToPath(import.meta.url)), PROGRAM_FILE)
const { runProgram }: Program = compiledProgram(file).evaluate()
process.exitCode = await runProgram(process.argv.slice(2))
