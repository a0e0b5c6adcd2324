/** Where and how an input is wrong; printed as one line. */
export interface InputProblem {
  /** File as the user named it; absent for command-line flags. */
  readonly file?: string
  /** Line from 1. */
  readonly line?: number
  /** Column of the field or character, from 1. */
  readonly column?: number
  /** Path or name of the field, as `spec.nodes[0].count` or `cpu_milli`. */
  readonly field?: string
  /** What is wrong: what was found and what was expected. */
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

/**
 * Wrong input of a user: a trace row, a config key, a flag, a manifest.
 *
 * Ends the command with status 2 and one line a problem, without a stack trace.
 */
export class InputError extends Error {
  override name = 'InputError'
  readonly problems: readonly InputProblem[]

  constructor(problems: InputProblem | readonly InputProblem[]) {
    const list: readonly InputProblem[] = 'message' in problems ? [problems] : problems
    super(list.map(formatProblem).join('\n'))
    this.problems = list
  }
}

/** One line: `file:line:column: field: message (hint)`, leaving out what is not known. */
export function formatProblem(problem: InputProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
  const parts = [place, problem.field, problem.message].filter((part) => part !== undefined && part !== '')
  return parts.join(': ') + (problem.hint === undefined ? '' : ` (${problem.hint})`)
}
