import { compileLabelSelector } from '../selectors.ts'
import type { Labels } from '../selectors.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../types.generated.ts'
import { entriesOf, items, text } from './absent.ts'
import { forbidden, invalid, invalidEach, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateLabelKey, validateLabels } from './metadata.ts'
import { labelKey, labelValue } from './names.ts'

/**
 * A label selector.
 *
 * Source: Kubernetes v1.37, apimachinery apis/meta/v1/validation `ValidateLabelSelector`.
 */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldErrors {
  if (selector === undefined) return []
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...items(selector.matchExpressions).flatMap((requirement, index) =>
      requirementErrors(requirement, `${path}.matchExpressions[${index}]`),
    ),
  ]
}

function requirementErrors(requirement: LabelSelectorRequirement, path: string): FieldErrors {
  const values = items(requirement.values)
  return [
    ...operatorErrors(text(requirement.operator), values, path),
    ...validateLabelKey(text(requirement.key), `${path}.key`),
    ...values.flatMap((value, index) => invalidEach(`${path}.values[${index}]`, value, labelValue(value))),
  ]
}

/** What is wrong with the operator of a requirement, and the values that it has. */
export function operatorErrors(operator: string, values: readonly string[], path: string): FieldErrors {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return requireValues(values, path)
    case 'Exists':
    case 'DoesNotExist':
      return refuseValues(values, path)
    default:
      return [invalid(`${path}.operator`, { json: operator }, 'not a valid selector operator')]
  }
}

/** In and NotIn need values. */
function requireValues(values: readonly string[], path: string): FieldErrors {
  if (values.length > 0) return []
  return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
}

/** Exists and DoesNotExist take no values. */
function refuseValues(values: readonly string[], path: string): FieldErrors {
  if (values.length === 0) return []
  return [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
}

/** A selector that could be compiled: whether it is empty, and what it matches. */
export interface CompiledSelector {
  readonly isEmpty: boolean
  matches(labels: Labels): boolean
}

/**
 * The selector; undefined when a requirement is malformed. An absent selector matches nothing, an empty one
 * everything.
 *
 * Source: Kubernetes v1.37, apimachinery `metav1.LabelSelectorAsSelector`, whose requirements check keys and
 * values.
 */
export function compiledSelector(selector: LabelSelector | undefined): CompiledSelector | undefined {
  const isSound =
    entriesOf(selector?.matchLabels).every(([key, value]) => isLabel(key, [value])) &&
    items(selector?.matchExpressions).every(isSoundRequirement)
  if (!isSound) return undefined
  const count = entriesOf(selector?.matchLabels).length + items(selector?.matchExpressions).length
  return { isEmpty: selector !== undefined && count === 0, matches: compileLabelSelector(selector) }
}

function isSoundRequirement({ key, operator, values }: LabelSelectorRequirement): boolean {
  const areValues = items(values).length > 0
  if (operator === 'In' || operator === 'NotIn') return areValues && isLabel(text(key), items(values))
  if (operator === 'Exists' || operator === 'DoesNotExist') return !areValues && isLabel(text(key), [])
  return false
}

function isLabel(key: string, values: readonly string[]): boolean {
  return labelKey(key).length === 0 && values.every((value) => labelValue(value).length === 0)
}

/** Whether a selector has no requirement. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return entriesOf(selector.matchLabels).length + items(selector.matchExpressions).length === 0
}
