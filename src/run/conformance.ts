import { closeSync, createReadStream, existsSync, openSync, readdirSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import path from 'node:path'
import { createGunzip } from 'node:zlib'

import { plugins } from '../../plugins/index.ts'
import { InputError } from '../base/errors.ts'
import { isDirectory, unreadable } from '../base/unreadable.ts'
import { writing } from '../report/output-error.ts'
import type { ConformanceCase } from '../scheduler/conformance/case.ts'
import { differencesOf } from '../scheduler/conformance/compare.ts'
import { countCoverage } from '../scheduler/conformance/coverage.ts'
import type { FamilyCoverage } from '../scheduler/conformance/coverage.ts'
import { runCase } from '../scheduler/conformance/run-case.ts'
import { resolveFeatureGates } from '../scenario/feature-gates.ts'
import { packageRoot } from './package.ts'

/** Version of Kubernetes that the cases were recorded from. */
const RECORDED = '1.37'

/** The recorded cases that come with stowage: all files, in order of name. */
export function recordedCases(): readonly string[] {
  const folder = path.join(packageRoot(), 'test', 'vectors')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .map((name) => path.join(folder, name))
}

/** One place where a result differs from what was recorded. */
export interface CaseDifference {
  readonly id: string
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** How a family of cases came out. */
export interface FamilyResult {
  readonly family: string
  equal: number
  total: number
  readonly differences: CaseDifference[]
}

/** What to run and what to keep. */
export interface ConformanceOptions {
  /** File for the results, `{ id, result }` a line. */
  readonly out?: string
  /** Only this family. */
  readonly family?: string
  /** Differences kept for each family. */
  readonly differencesMax: number
}

/** Runs the recorded cases of some files; families in order of appearance. */
export async function runConformance(
  files: readonly string[],
  options: ConformanceOptions,
): Promise<readonly FamilyResult[]> {
  const families = new Map<string, FamilyResult>()
  const { out, family: wanted } = options
  const handle = out === undefined ? undefined : writing(out, () => openSync(out, 'w'))
  for (const file of files) {
    for await (const one of readCases(file)) {
      if (wanted !== undefined && one.family !== wanted) continue
      const result = runCase(one.input, { registry: plugins, gates: resolveFeatureGates(RECORDED) })
      if (out !== undefined && handle !== undefined) {
        writing(out, () => writeSync(handle, `${JSON.stringify({ id: one.id, result })}\n`))
      }
      judge(one, result, families, options.differencesMax)
    }
  }
  if (handle !== undefined) closeSync(handle)
  if (families.size === 0) {
    throw new InputError({
      ...(wanted === undefined ? {} : { field: '--family' }),
      message: wanted === undefined ? 'the files hold no cases' : `no case is of the family "${wanted}"`,
    })
  }
  return [...families.values()]
}

/** What the cases of some files hold, without running them; families in order of appearance. */
export async function coverageOf(files: readonly string[]): Promise<readonly FamilyCoverage[]> {
  const families = new Map<string, FamilyCoverage>()
  for (const file of files) {
    for await (const { family, expected } of readCases(file)) {
      let coverage = families.get(family)
      if (coverage === undefined) {
        coverage = { family, cases: 0, steps: 0, plugins: new Map() }
        families.set(family, coverage)
      }
      countCoverage(expected, coverage)
    }
  }
  return [...families.values()]
}

function judge(
  one: ConformanceCase,
  result: object,
  families: Map<string, FamilyResult>,
  differencesMax: number,
): void {
  let family = families.get(one.family)
  if (family === undefined) {
    family = { family: one.family, equal: 0, total: 0, differences: [] }
    families.set(one.family, family)
  }
  family.total += 1
  const differences = differencesOf(one.expected, result)
  const [first] = differences
  if (first === undefined) family.equal += 1
  else if (family.differences.length < differencesMax) family.differences.push({ id: one.id, ...first })
}

async function* readCases(file: string): AsyncGenerator<ConformanceCase> {
  if (!existsSync(file) || isDirectory(file)) throw unreadable(file)
  const source = createReadStream(file)
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  let line = 0
  for await (const content of linesOf(file, text)) {
    line += 1
    if (content.trim() === '') continue
    let parsed: unknown
    try {
      parsed = JSON.parse(content)
    } catch (error) {
      throw new InputError({ file, line, message: error instanceof Error ? error.message : 'is no JSON' })
    }
    const one = parsed as Partial<ConformanceCase>
    if (one.id === undefined || one.family === undefined || one.input === undefined) {
      throw new InputError({
        file,
        line,
        message: 'is no case',
        hint: 'expected id, family, input and expected',
      })
    }
    yield one as ConformanceCase
  }
}

async function* linesOf(file: string, input: NodeJS.ReadableStream): AsyncGenerator<string> {
  try {
    yield* createInterface({ input, crlfDelay: Infinity })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new InputError({ file, message: `cannot be read to its end: ${error.message}` })
  }
}
