import { compareValues, ruleTree } from './compare-value.ts'
import type { Rule, RuleTree } from './compare-value.ts'
import { compareEvictionOrder } from './eviction-order.ts'
import type { Comparison } from './comparison.ts'
import { hintsByZone } from './hints-by-zone.ts'
import { canonicalText, inOrderOfText, objectOf } from './json-value.ts'
import {
  byKey,
  byTime,
  errorOrValues,
  errorSet,
  exactly,
  ignored,
  looseAspect,
  looseText,
  message,
  neighbouringFloats,
  quantityByValue,
  setOf,
} from './rules.ts'

/** How the cases of a family are compared. */
export interface FamilyRules {
  readonly rules: RuleTree
  /** Makes of a result what is compared. */
  readonly prepare?: (result: unknown, input: unknown) => unknown
  /** Compares the whole result, in place of the rules. */
  readonly whole?: (comparison: Comparison, expected: unknown, actual: unknown) => void
}

/** Texts of the CEL compiler are loose, all other messages exact. */
const celMessage: Rule = (comparison, pair) => {
  const isCompiler = /^(compilation error:|must evaluate to )/.test(String(pair.expected ?? ''))
  const rule = isCompiler ? looseText : message
  rule(comparison, pair)
}

/** A message whose parts between commas come in any order. */
const commaParts: Rule = (comparison, { path, expected, actual }) => {
  if ((expected ?? actual ?? undefined) === undefined) return
  const parts = (text: unknown): unknown =>
    typeof text === 'string'
      ? text
          .split(',')
          .map((part) => part.trim())
          .sort()
      : text
  const isEqual = canonicalText(parts(expected)) === canonicalText(parts(actual))
  comparison.leaf({ aspect: 'message', isLoose: false, path, expected, actual, isEqual })
}

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/

/** Of several wrong values of `matchLabels`, which have no order, Kubernetes names any. */
const selectorError: Rule = (comparison, pair) => {
  const { matchLabels } = objectOf(objectOf(comparison.input)['labelSelector'])
  const wrong = Object.values(objectOf(matchLabels)).filter((value) => !LABEL_VALUE.test(String(value)))
  const rule = wrong.length > 1 ? looseText : compareValues
  rule(comparison, pair)
}

/** A text that counts only where one was recorded. */
const whereRecorded: Rule = (comparison, pair) => {
  if ((pair.expected ?? undefined) !== undefined) compareValues(comparison, pair)
}

/** A slice of endpoints with its ports in any order. */
function sortedPorts(slice: unknown): unknown {
  const { ports } = objectOf(slice)
  return { ...objectOf(slice), ports: inOrderOfText(ports) }
}

const TABLE: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  quantity: {
    a: errorOrValues,
    b: errorOrValues,
    'a/approx': neighbouringFloats,
    'b/approx': neighbouringFloats,
    'mul/fast': looseAspect('fast'),
  },
  'qos-requests': { '*/requests/*': quantityByValue, '*/limits/*': quantityByValue },
  'eviction-config': { thresholds: setOf(), message: whereRecorded },
  'eviction-sync': { 'steps/*/evicted/*/message': looseText },
  'replicaset-ranking': { 'less/*': setOf() },
  deployment: { 'steps/*/scalings': byTime('revision') },
  statefulset: { 'steps/*/pods': byKey(({ name }) => String(name)), 'steps/*/claims': setOf() },
  job: {
    'steps/*/creations': byTime('index'),
    'steps/*/creations/*/op': ignored,
    'steps/*/activeIndexes': setOf(),
  },
  'cronjob-times': { parseError: looseText, unknownTimeZone: looseText },
  cronjob: { 'steps/*/jobs': setOf() },
  pdb: { '*/disruptedPods': setOf() },
  limitranger: {
    'containers/*/resources/*/*': quantityByValue,
    'podResources/*/*': quantityByValue,
    messages: setOf(),
  },
  quota: { 'admission/message': commaParts },
  validation: { errors: errorSet },
  'cel-validating': { 'decisions/*/message': celMessage, 'auditAnnotations/*/error': celMessage },
  'cel-mutating': { error: celMessage, matchError: celMessage },
  patch: {
    error: looseText,
    'applied/error': looseText,
    result: exactly,
    patch: exactly,
    'applied/result': exactly,
  },
  'server-side-apply': {
    'steps/*/error': message,
    'steps/*/managedFields': byKey(({ operation, manager }) => `${String(operation)} ${String(manager)}`),
    'steps/*/managedFields/*/fields': exactly,
  },
  selectors: { error: selectorError },
  crd: { pruned: setOf(), errors: setOf(), celErrors: setOf(), object: exactly },
  rbac: { 'verdicts/*/reason': message, 'verdicts/*/error': message },
  endpointslice: { 'steps/*/slices': setOf(sortedPorts), 'steps/*/endpoints/*/ports': setOf() },
  'categorize-endpoints': { cluster: setOf(), local: setOf(), allReachable: setOf() },
}

const RULES: ReadonlyMap<string, FamilyRules> = new Map([
  ...Object.entries(TABLE).map(([family, rules]): [string, FamilyRules] => [
    family,
    { rules: ruleTree(rules), ...(family === 'endpointslice' ? { prepare: hintsByZone } : {}) },
  ]),
  ['eviction-rank', { rules: ruleTree({}), whole: compareEvictionOrder }],
])

const PLAIN: FamilyRules = { rules: ruleTree({}) }

/** The rules of a family; plain comparison for one that has none. */
export function rulesOf(family: string): FamilyRules {
  return RULES.get(family) ?? PLAIN
}
