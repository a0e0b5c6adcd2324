import { goJson } from '../base/go-json.ts'
import { quote } from './validation/go-text.ts'
import { labelKey, labelValue } from './validation/names.ts'
import { compileRequirement } from './selectors.ts'
import type { LabelPredicate } from './selectors.ts'
import { parseInt64 } from './tolerations.ts'
import type { LabelSelector } from './types.generated.ts'

/** Operators of requirements, as Kubernetes writes them. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'gt' | 'lt' | 'exists' | '!'

/** A requirement on one label; all requirements of a selector must hold. */
export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

/** A value, or what is wrong with the text that it was to be made of. */
export type Parsed<Value> = { readonly value: Value } | { readonly error: string }

const API_OPERATOR: Readonly<Record<LabelOperator, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  gt: 'Gt',
  lt: 'Lt',
  exists: 'Exists',
  '!': 'DoesNotExist',
}

const SELECTOR_OPERATOR: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
])

/**
 * A requirement, once it is found right: the key and the values are of labels, and there are as many values as the
 * operator takes.
 *
 * Source: Kubernetes v1.37, apimachinery `labels.NewRequirement`.
 */
export function labelRequirement(
  key: string,
  operator: LabelOperator,
  values: readonly string[],
): Parsed<LabelRequirement> {
  const problems = [
    ...invalid('key', key, labelKey(key)),
    ...countProblems(operator, values),
    ...values.flatMap((value, i) => invalid(`values[${i}][${key}]`, value, labelValue(value))),
  ]
  const [first, ...more] = new Set(problems)
  if (first === undefined) return { value: { key, operator, values } }
  return { error: more.length === 0 ? first : `[${[first, ...more].join(', ')}]` }
}

/**
 * The requirements of a label selector of an API object, in order of key; none for an absent one, though that one
 * matches nothing. `Gt` and `Lt` are none of its operators.
 *
 * Source: Kubernetes v1.37, apimachinery `metav1.LabelSelectorAsSelector`.
 */
export function labelSelectorRequirements(
  selector: LabelSelector | undefined,
): Parsed<readonly LabelRequirement[]> {
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    const requirement = labelRequirement(key, '=', [value])
    if ('error' in requirement) return requirement
    requirements.push(requirement.value)
  }
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const own = SELECTOR_OPERATOR.get(operator)
    if (own === undefined) return { error: `${quote(operator)} is not a valid label selector operator` }
    const requirement = labelRequirement(key, own, values ?? [])
    if ('error' in requirement) return requirement
    requirements.push(requirement.value)
  }
  return { value: inOrderOfKey(requirements) }
}

/** Requirements in order of key; those of one key stay in order. */
export function inOrderOfKey(requirements: readonly LabelRequirement[]): readonly LabelRequirement[] {
  return [...requirements].sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
}

/** The predicate of requirements: all of them. */
export function compileLabelRequirements(requirements: readonly LabelRequirement[]): LabelPredicate {
  const predicates = requirements.map(({ key, operator, values }) =>
    compileRequirement({ key, operator: API_OPERATOR[operator], values }),
  )
  return (labels) => predicates.every((holds) => holds(labels))
}

/** The canonical text of requirements, which can be parsed again: commas between them, values sorted. */
export function labelRequirementsText(requirements: readonly LabelRequirement[]): string {
  return requirements.map(requirementText).join(',')
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  const list = [...values].sort().join(',')
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`
    case 'gt':
      return `${key}>${list}`
    case 'lt':
      return `${key}<${list}`
    default:
      return `${key}${operator}${list}`
  }
}

function countProblems(operator: LabelOperator, values: readonly string[]): readonly string[] {
  const wrong = (why: string): string => `values: Invalid value: ${listText(values)}: ${why}`
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0 ? [] : [wrong("for 'in', 'notin' operators, values set can't be empty")]
    case 'exists':
    case '!':
      return values.length === 0 ? [] : [wrong('values set must be empty for exists and does not exist')]
    case 'gt':
    case 'lt': {
      const isOne = values.length === 1
      const rule = "for 'Gt', 'Lt' operators,"
      const problems = isOne ? [] : [wrong(`${rule} exactly one value is required`)]
      const noInteger = values.flatMap((value, i) =>
        parseInt64(value) === undefined
          ? invalid(`values[${i}]`, value, [`${rule} the value must be an integer`])
          : [],
      )
      return [...problems, ...noInteger]
    }
    default:
      return values.length === 1 ? [] : [wrong('exact-match compatibility requires one single value')]
  }
}

/** One line for all problems of a field, as field errors read; none without problems. */
export function invalid(field: string, value: string, problems: readonly string[]): readonly string[] {
  return problems.length === 0 ? [] : [`${field}: Invalid value: ${quote(value)}: ${problems.join('; ')}`]
}

/** A list of texts as Go prints it as JSON; an empty one is null. */
function listText(values: readonly string[]): string {
  if (values.length === 0) return 'null'
  return goJson(values)
}
