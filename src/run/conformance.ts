import { closeSync, openSync, readdirSync, writeSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { writing } from '../report/output-error.ts'
import { countCoverage } from '../scheduler/conformance/coverage.ts'
import type { FamilyCoverage } from '../scheduler/conformance/coverage.ts'
import { answerCase, isAnswered, isLogicFamily, isOfScheduler } from './answer-case.ts'
import type { Answer, ShownDifference } from './answer-case.ts'
import { readCases } from './case-file.ts'
import type { FiledCase } from './case-file.ts'
import { packageRoot } from './package.ts'

const ENDING = '.jsonl.gz'

/**
 * The recorded cases that come with stowage: all files of the scheduler's, then those of recorded logic whose families
 * are answered, each in order of name.
 */
export function recordedCases(): readonly string[] {
  const folder = path.join(packageRoot(), 'test', 'vectors')
  const logic = path.join(folder, 'logic')
  return [
    ...caseFiles(folder),
    ...caseFiles(logic).filter((file) => isLogicFamily(path.basename(file, ENDING))),
  ]
}

function caseFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .map((name) => path.join(folder, name))
}

/** One place where a result differs from what was recorded. */
export interface CaseDifference extends ShownDifference {
  readonly id: string
}

/** How a part of the results of a family came out. */
export interface AspectResult {
  equal: number
  total: number
  /** Whether it may differ. */
  readonly loose: boolean
}

/** How a family of cases came out. */
export interface FamilyResult {
  readonly family: string
  equal: number
  total: number
  readonly differences: CaseDifference[]
  /** By key of the results or their steps, for recorded logic. */
  readonly aspects: Record<string, AspectResult>
}

/** What to run and what to keep. */
export interface ConformanceOptions {
  /** File for the results, `{ id, result }` a line. */
  readonly out?: string
  /** Only this family. */
  readonly family?: string
  /** Only this case. */
  readonly id?: string
  /** Whether texts that may differ must be equal, too. */
  readonly strict?: boolean
  /** Differences kept for each family: the first of each case. */
  readonly differencesMax: number
}

/** Runs the recorded cases of some files; families in order of appearance. */
export async function runConformance(
  files: readonly string[],
  options: ConformanceOptions,
): Promise<readonly FamilyResult[]> {
  const families = new Map<string, FamilyResult>()
  const { out, strict = false } = options
  await refuseUnanswered(files, options)
  const handle = out === undefined ? undefined : writing(out, () => openSync(out, 'w'))
  for (const file of files) {
    for await (const one of readCases(file)) {
      if (!isWanted(one, options)) continue
      if (!isAnswered(one)) throw new InputError(unanswered(file, one))
      const answer = answerCase(one, strict)
      if (out !== undefined && handle !== undefined) {
        writing(out, () => writeSync(handle, `${JSON.stringify({ id: one.id, ...answer.outcome })}\n`))
      }
      count(one, answer, families, options.differencesMax)
    }
  }
  if (handle !== undefined) closeSync(handle)
  if (families.size === 0) throw nothingFound(options)
  return [...families.values()]
}

/** What the cases of some files hold, without running them; families in order of appearance. */
export async function coverageOf(files: readonly string[]): Promise<readonly FamilyCoverage[]> {
  const families = new Map<string, FamilyCoverage>()
  for (const file of files) {
    for await (const { family, input, expected } of readCases(file)) {
      let coverage = families.get(family)
      if (coverage === undefined) {
        coverage = { family, cases: 0, steps: 0, plugins: new Map() }
        families.set(family, coverage)
      }
      if (isOfScheduler(input)) countCoverage(expected, coverage)
      else {
        coverage.cases += 1
        coverage.steps += stepCount(expected)
      }
    }
  }
  return [...families.values()]
}

/** Steps of a result of recorded logic; one without steps is a step. */
function stepCount(expected: unknown): number {
  const { steps } = (expected ?? {}) as { readonly steps?: unknown }
  return Array.isArray(steps) ? steps.length : 1
}

/** Ends the command before anything is run when a file begins with a case that nobody can run. */
async function refuseUnanswered(files: readonly string[], options: ConformanceOptions): Promise<void> {
  const problems: ReturnType<typeof unanswered>[] = []
  for (const file of files) {
    for await (const one of readCases(file)) {
      if (isWanted(one, options) && !isAnswered(one)) problems.push(unanswered(file, one))
      break
    }
  }
  if (problems.length > 0) throw new InputError(problems)
}

function unanswered(file: string, { family }: FiledCase) {
  return {
    file,
    message: `cases of the family "${family}" cannot be run`,
    hint: 'docs/conformance.md lists the families that can',
  }
}

function isWanted(one: FiledCase, { family, id }: ConformanceOptions): boolean {
  return (family === undefined || one.family === family) && (id === undefined || one.id === id)
}

function nothingFound({ family, id }: ConformanceOptions): InputError {
  if (id !== undefined) return new InputError({ field: '--id', message: `no case is "${id}"` })
  if (family !== undefined) {
    return new InputError({ field: '--family', message: `no case is of the family "${family}"` })
  }
  return new InputError({ message: 'the files hold no cases' })
}

function count(
  one: FiledCase,
  { differences, aspects }: Answer,
  families: Map<string, FamilyResult>,
  differencesMax: number,
): void {
  let family = families.get(one.family)
  if (family === undefined) {
    family = { family: one.family, equal: 0, total: 0, differences: [], aspects: {} }
    families.set(one.family, family)
  }
  family.total += 1
  for (const [aspect, { total, different, isLoose }] of aspects) {
    const sum = (family.aspects[aspect] ??= { equal: 0, total: 0, loose: isLoose })
    sum.total += total
    sum.equal += total - different
  }
  const [first] = differences
  if (first === undefined) family.equal += 1
  else if (family.differences.length < differencesMax) {
    const { path: place, expected, actual } = first
    family.differences.push({ id: one.id, path: place, expected, actual })
  }
}
