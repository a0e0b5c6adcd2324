import { Command, CommanderError } from 'commander'

import { InvariantError } from '../base/assert.ts'
import { InputError } from '../base/errors.ts'
import { registerBench } from './bench.ts'
import { registerCompact } from './compact.ts'
import { registerCompare } from './compare.ts'
import { registerDiff } from './diff.ts'
import { registerCompletion } from './completion.ts'
import { registerConformance } from './conformance.ts'
import { registerExplain } from './explain.ts'
import { registerFuzz } from './fuzz.ts'
import { registerInit } from './init.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { registerReport } from './report.ts'
import { registerPlan } from './plan.ts'
import { registerQuery } from './query.ts'
import { registerRun } from './run.ts'
import { registerSchedule } from './schedule.ts'
import { registerSweep } from './sweep.ts'
import { registerTrace } from './trace.ts'
import { registerValidate } from './validate.ts'
import { packageVersion } from '../run/package.ts'

/**
 * Runs one command line and returns its exit status: 0 done, 1 a condition does not hold, 2 bad input, 70 a broken
 * promise of ours, 130 interrupted. Errors go to stderr, a line a problem; stacks only with `--log-level debug`.
 */
export async function runCommandLine(argv: readonly string[], io: CommandIo): Promise<number> {
  let status: number = EXIT.done
  const program = buildProgram(io, (code) => {
    status = code
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return status
  } catch (error) {
    return reportError(error, io, argv.includes('debug'))
  }
}

/** All commands, for running and for documentation. */
export function buildProgram(io: CommandIo, exit: (status: number) => void): Command {
  const program = new Command('stowage')
    .description('a discrete-event simulator of Kubernetes and a scheduling benchmark')
    .version(packageVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
  registerRun(program, io, exit)
  registerReport(program, io)
  registerCompare(program, io, exit)
  registerQuery(program, io, exit)
  registerSweep(program, io, exit)
  registerDiff(program, io, exit)
  registerValidate(program, io)
  registerInit(program, io)
  registerTrace(program, io)
  registerSchedule(program, io, exit)
  registerExplain(program, io, exit)
  registerPlan(program, io, exit)
  registerCompact(program, io, exit)
  registerConformance(program, io, exit)
  registerBench(program, io, exit)
  registerFuzz(program, io, exit)
  registerCompletion(program, io)
  for (const command of program.commands) command.copyInheritedSettings(program)
  pointToHelp(program, 'stowage')
  return program
}

/** After an error, each command names its own help. */
function pointToHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(see ${name} --help)`)
  for (const inner of command.commands) pointToHelp(inner, `${name} ${inner.name()}`)
}

function reportError(error: unknown, io: CommandIo, withStack: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput
  io.stderr.write(`${errorText(error)}\n`)
  if (withStack && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`)
  if (error instanceof InputError) return EXIT.badInput
  const isUsersFault = error instanceof Error && ['OutputError', 'PluginError'].includes(error.name)
  if (isUsersFault || isFileError(error)) return EXIT.badInput
  if (error instanceof InvariantError) {
    io.stderr.write('this is a defect of stowage: the line above says what replays it\n')
  }
  return EXIT.internal
}

/** An error of the system about a file that the command line named. */
function isFileError(error: unknown): error is Error & { readonly path: string } {
  return error instanceof Error && 'syscall' in error && 'path' in error && typeof error.path === 'string'
}

/** Node says `ENOENT: no such file or directory, open 'x'`; here `x: no such file or directory`. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!isFileError(error)) return error.message
  return `${error.path}: ${error.message.replace(/^[A-Z]+: /, '').replace(/, \w+ '.*$/, '')}`
}
