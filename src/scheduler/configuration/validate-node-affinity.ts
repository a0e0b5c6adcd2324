import type { FieldPath, Problems } from './problems.ts'
import { qualifiedNameProblems } from './qualified-name.ts'

type Fields = Readonly<Record<string, unknown>>

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']

/**
 * Checks the node affinity that NodeAffinity adds to every pod.
 *
 * Source: Kubernetes v1.37, component-helpers nodeaffinity and apimachinery labels `NewRequirement`.
 */
export function validateNodeAffinity(value: unknown, path: FieldPath, problems: Problems): void {
  const affinity = (value ?? {}) as Fields
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const terms = ((affinity[required] ?? {}) as Fields)['nodeSelectorTerms']
  fieldsOf(terms).forEach((term, index) => {
    validateTerm(term, [...path, required, 'nodeSelectorTerms', index], problems)
  })
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  fieldsOf(affinity[preferred]).forEach((term, index) => {
    if (Number(term['weight'] ?? 0) === 0) return
    validateTerm((term['preference'] ?? {}) as Fields, [...path, preferred, index, 'preference'], problems)
  })
}

function validateTerm(term: Fields, path: FieldPath, problems: Problems): void {
  fieldsOf(term['matchExpressions']).forEach((requirement, index) => {
    validateExpression(requirement, [...path, 'matchExpressions', index], problems)
  })
  fieldsOf(term['matchFields']).forEach((requirement, index) => {
    validateField(requirement, [...path, 'matchFields', index], problems)
  })
}

function validateExpression(requirement: Fields, path: FieldPath, problems: Problems): void {
  const key = String(requirement['key'] ?? '')
  const operator = String(requirement['operator'] ?? '')
  const values = (requirement['values'] ?? []) as readonly string[]
  const valuesPath = [...path, 'values']
  if (!OPERATORS.includes(operator)) {
    problems.invalid([...path, 'operator'], operator, 'not a valid selector operator')
    return
  }
  for (const message of qualifiedNameProblems(key)) problems.invalid([...path, 'key'], key, message)
  const isSet = operator === 'In' || operator === 'NotIn'
  const isBare = operator === 'Exists' || operator === 'DoesNotExist'
  if (isSet && values.length === 0) {
    problems.invalid(valuesPath, values, "for 'in', 'notin' operators, values set can't be empty")
  } else if (isBare && values.length > 0) {
    problems.invalid(valuesPath, values, 'values set must be empty for exists and does not exist')
  } else if (!isSet && !isBare) {
    if (values.length !== 1)
      problems.invalid(valuesPath, values, "for 'Gt', 'Lt' operators, exactly one value is required")
    values.forEach((text, index) => {
      if (/^[-+]?\d+$/.test(text)) return
      problems.invalid([...valuesPath, index], text, "for 'Gt', 'Lt' operators, the value must be an integer")
    })
  }
}

function validateField(requirement: Fields, path: FieldPath, problems: Problems): void {
  const key = String(requirement['key'] ?? '')
  const operator = String(requirement['operator'] ?? '')
  const values = (requirement['values'] ?? []) as readonly string[]
  if (key !== 'metadata.name') problems.invalid([...path, 'key'], key, 'not a valid field selector key')
  if (operator !== 'In' && operator !== 'NotIn')
    problems.invalid([...path, 'operator'], operator, 'not a valid selector operator')
  if (values.length !== 1) problems.invalid([...path, 'values'], values.length, 'must have one element')
}

function fieldsOf(value: unknown): readonly Fields[] {
  return (value ?? []) as readonly Fields[]
}
