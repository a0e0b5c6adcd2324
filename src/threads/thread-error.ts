import { InvariantError } from '../base/assert.ts'
import { InputError } from '../base/errors.ts'
import type { InputProblem } from '../base/errors.ts'
import { OutputError } from '../report/output-error.ts'

/** An error as plain data, so that it can leave a thread. */
export interface ThreadError {
  readonly name: string
  readonly message: string
  readonly stack: string
  /** Of wrong input, and of an output that could not be written. */
  readonly problems: readonly InputProblem[]
}

/** Packs what was thrown in a thread. */
export function packedError(error: unknown): ThreadError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '', problems: [] }
  const { name, message, stack = '' } = error
  const problems = error instanceof InputError ? error.problems : []
  return { name, message, stack, problems: error instanceof OutputError ? [error.problem] : problems }
}

/** The error again, of its own class where a command makes a difference by it. */
export function unpackedError({ name, message, stack, problems }: ThreadError): Error {
  const [problem] = problems
  if (name === 'InputError') return new InputError(problems)
  if (name === 'OutputError' && problem !== undefined) return new OutputError(problem)
  const error = name === 'InvariantError' ? new InvariantError(message) : new Error(message)
  error.name = name
  error.stack = stack
  return error
}
