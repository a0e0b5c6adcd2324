import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import {
  duplicate,
  invalid,
  invalidEach,
  invalidOmitted,
  notSupported,
  required,
  tooMany,
} from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { quote } from './go-text.ts'
import { labelKey } from './names.ts'

const RULES_MAX = 20
const VALUES_MAX = 255
const PATTERNS_MAX = 20
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']

/**
 * What failures of pods mean to their job.
 *
 * Source: Kubernetes v1.37, batch/validation `validatePodFailurePolicy`.
 */
export function validatePodFailurePolicy(
  spec: Partial<JobSpec>,
  policy: PodFailurePolicy,
  path: string,
): FieldErrors {
  const rules = items(policy.rules)
  const { containers, initContainers } = spec.template?.spec ?? {}
  const names = new Set([...items(containers), ...items(initContainers)].map(({ name }) => text(name)))
  const hasLimit = spec.backoffLimitPerIndex !== undefined
  return [
    ...tooManyErrors(rules.length, RULES_MAX, `${path}.rules`),
    ...rules.flatMap((rule, index) => ruleErrors(rule, hasLimit, names, `${path}.rules[${index}]`)),
  ]
}

function tooManyErrors(count: number, countMax: number, path: string): FieldErrors {
  return count > countMax ? [tooMany(path, count, countMax)] : []
}

function ruleErrors(
  rule: PodFailurePolicyRule,
  hasLimit: boolean,
  names: ReadonlySet<string>,
  path: string,
): FieldErrors {
  const { onExitCodes } = rule
  const conditions = items(rule.onPodConditions)
  const areBoth = onExitCodes !== undefined && conditions.length > 0
  const isNone = onExitCodes === undefined && conditions.length === 0
  return [
    ...actionErrors(text(rule.action), hasLimit, `${path}.action`),
    ...(onExitCodes === undefined ? [] : exitCodeErrors(onExitCodes, names, `${path}.onExitCodes`)),
    ...conditionErrors(conditions, `${path}.onPodConditions`),
    ...(areBoth
      ? [invalidOmitted(path, 'specifying both OnExitCodes and OnPodConditions is not supported')]
      : []),
    ...(isNone
      ? [invalidOmitted(path, 'specifying one of OnExitCodes and OnPodConditions is required')]
      : []),
  ]
}

function actionErrors(action: string, hasLimit: boolean, path: string): FieldErrors {
  if (action === '') return [required(path, validValues(ACTIONS))]
  if (!ACTIONS.includes(action)) return [notSupported(path, action, ACTIONS)]
  if (action !== 'FailIndex' || hasLimit) return []
  return [invalid(path, { json: action }, 'requires the backoffLimitPerIndex to be set')]
}

function validValues(values: readonly string[]): string {
  return `valid values: [${values.map(quote).join(' ')}]`
}

function exitCodeErrors(
  requirement: Partial<PodFailurePolicyOnExitCodesRequirement>,
  names: ReadonlySet<string>,
  path: string,
): FieldErrors {
  const { containerName, operator = '' } = requirement
  const values = items(requirement.values)
  const place = `${path}.operator`
  const isUnknown = containerName !== undefined && !names.has(containerName)
  const known = 'must be one of the container or initContainer names in the pod template'
  return [
    ...(operator === '' ? [required(place, validValues(OPERATORS))] : []),
    ...(operator === '' || OPERATORS.includes(operator) ? [] : [notSupported(place, operator, OPERATORS)]),
    ...(isUnknown ? [invalid(`${path}.containerName`, containerName, known)] : []),
    ...(values.length === 0
      ? [invalid(`${path}.values`, listValue(values), 'at least one value is required')]
      : tooManyErrors(values.length, VALUES_MAX, `${path}.values`)),
    ...valueErrors(values, operator, `${path}.values`),
  ]
}

function valueErrors(values: readonly number[], operator: string, path: string): FieldErrors {
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value)
  return [
    ...values.flatMap((value, index) => {
      const place = `${path}[${index}]`
      const isSuccess = operator === 'In' && value === 0
      return [
        ...(isSuccess ? [invalid(place, value, 'must not be 0 for the In operator')] : []),
        ...(values.indexOf(value) < index ? [duplicate(place, value)] : []),
      ]
    }),
    ...(isOrdered ? [] : [invalid(path, listValue(values), 'must be ordered')]),
  ]
}

function conditionErrors(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: string,
): FieldErrors {
  return [
    ...tooManyErrors(patterns.length, PATTERNS_MAX, path),
    ...patterns.flatMap(
      ({ type = '', status = '' }: Partial<PodFailurePolicyOnPodConditionsPattern>, index) => {
        const place = `${path}[${index}].status`
        return [
          ...invalidEach(`${path}[${index}].type`, type, labelKey(type)),
          ...(status === '' ? [required(place, validValues(STATUSES))] : []),
          ...(status === '' || STATUSES.includes(status) ? [] : [notSupported(place, status, STATUSES)]),
        ]
      },
    ),
  ]
}
