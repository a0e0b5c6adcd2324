import { plugins } from '../../plugins/index.ts'
import { LOGIC_FAMILIES } from '../conformance/families/index.ts'
import type { LogicFamily } from '../conformance/family.ts'
import type { AspectCount } from '../conformance/judge/comparison.ts'
import { judgeCase } from '../conformance/judge/judge-case.ts'
import { resolveFeatureGates } from '../scenario/feature-gates.ts'
import type { CaseInput } from '../scheduler/conformance/case.ts'
import { differencesOf } from '../scheduler/conformance/compare.ts'
import { runCase } from '../scheduler/conformance/run-case.ts'
import type { FiledCase } from './case-file.ts'

/** Version of Kubernetes that the cases were recorded from. */
const RECORDED = '1.37'
/** Modes of the scheduler's cases, which no other case has. */
const SCHEDULER_MODES: ReadonlySet<unknown> = new Set(['evaluate', 'sequence', 'schedule', 'queue'])
/** Characters shown of a value that differs. */
const SHOWN_MAX = 400

const logicFamilies: ReadonlyMap<string, LogicFamily> = new Map(
  LOGIC_FAMILIES.map((family) => [family.name, family]),
)

/** One place where a result differs, with both values as JSON. */
export interface ShownDifference {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** What came of a case. */
export interface Answer {
  /** What goes to a file of results: `result`, or `error` when the case could not be run to its end. */
  readonly outcome: { readonly result: object } | { readonly error: string }
  readonly differences: readonly ShownDifference[]
  /** By key of the result, for recorded logic. */
  readonly aspects: ReadonlyMap<string, AspectCount>
}

/** Who can run a case: one of the families of logic, or the scheduler. */
export function isAnswered({ family, input }: FiledCase): boolean {
  return logicFamilies.has(family) || isOfScheduler(input)
}

/** Whether a family is one of recorded logic that is answered. */
export function isLogicFamily(family: string): boolean {
  return logicFamilies.has(family)
}

/**
 * Runs an answered case and judges its result. Strict: texts that may differ must be equal, too; a case of the scheduler
 * always is.
 */
export function answerCase(one: FiledCase, isStrict: boolean): Answer {
  const family = logicFamilies.get(one.family)
  if (family !== undefined) return answerLogic(family, one, isStrict)
  const result = runCase(one.input as CaseInput, { registry: plugins, gates: resolveFeatureGates(RECORDED) })
  return { outcome: { result }, differences: differencesOf(one.expected, result), aspects: new Map() }
}

/** A case that ends in an error differs by it; the cases after it are run all the same. */
function answerLogic(family: LogicFamily, one: FiledCase, isStrict: boolean): Answer {
  let result: object
  try {
    result = family.run(one.input)
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    const difference = { path: '/', expected: 'a result', actual: text }
    return { outcome: { error: text }, differences: [difference], aspects: new Map() }
  }
  // As it is read back from a file of results: without what is undefined.
  const plain: unknown = JSON.parse(JSON.stringify(result))
  const { differences, aspects } = judgeCase(one, plain, { isStrict })
  return { outcome: { result }, differences: differences.map(shown), aspects }
}

/** Whether the input of a case is one of the scheduler's. */
export function isOfScheduler(input: unknown): boolean {
  const { mode } = (input ?? {}) as { readonly mode?: unknown }
  return SCHEDULER_MODES.has(mode)
}

function shown(difference: { path: string; expected: unknown; actual: unknown }): ShownDifference {
  const { path, expected, actual } = difference
  return { path, expected: textOf(expected), actual: textOf(actual) }
}

function textOf(value: unknown): string {
  const text = value === undefined ? '(absent)' : JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
