import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { invalid, invalidEach, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateLabelKeys } from './label-keys.ts'
import { operatorErrors, validateLabelSelector } from './label-selectors.ts'
import { validateLabelKey } from './metadata.ts'
import { labelName, labelValue, subdomainName } from './names.ts'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Affinities of a pod. Source: Kubernetes v1.37, core/validation `validateAffinity`. */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldErrors {
  if (affinity === undefined) return []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  return [
    ...(nodeAffinity === undefined ? [] : nodeAffinityErrors(nodeAffinity, `${path}.nodeAffinity`)),
    ...(podAffinity === undefined ? [] : podAffinityErrors(podAffinity, `${path}.podAffinity`)),
    ...(podAntiAffinity === undefined ? [] : podAffinityErrors(podAntiAffinity, `${path}.podAntiAffinity`)),
  ]
}

function nodeAffinityErrors(affinity: NodeAffinity, path: string): FieldErrors {
  const requirement = affinity[REQUIRED]
  return [
    ...(requirement === undefined ? [] : validateNodeSelector(requirement, `${path}.${REQUIRED}`)),
    ...items(affinity[PREFERRED]).flatMap(({ weight, preference }, index) => {
      const place = `${path}.${PREFERRED}[${index}]`
      return [...weightErrors(weight, place), ...termErrors(preference ?? {}, false, `${place}.preference`)]
    }),
  ]
}

function weightErrors(weight: number | undefined, path: string): FieldErrors {
  const value = whole(weight)
  return value > 0 && value <= 100 ? [] : [invalid(`${path}.weight`, value, 'must be in the range 1-100')]
}

/** A selector of nodes. Source: core/validation `ValidateNodeSelector`. */
export function validateNodeSelector(selector: NodeSelector, path: string): FieldErrors {
  const place = `${path}.nodeSelectorTerms`
  const terms = items(selector.nodeSelectorTerms)
  if (terms.length === 0) return [required(place, 'must have at least one node selector term')]
  return terms.flatMap((term, index) => termErrors(term, true, `${place}[${index}]`))
}

/** Preferences may have values that no label can have. */
function termErrors(term: NodeSelectorTerm, areValuesChecked: boolean, path: string): FieldErrors {
  return [
    ...items(term.matchExpressions).flatMap((requirement, index) =>
      expressionErrors(requirement, areValuesChecked, `${path}.matchExpressions[${index}]`),
    ),
    ...items(term.matchFields).flatMap((requirement, index) =>
      fieldErrors(requirement, `${path}.matchFields[${index}]`),
    ),
  ]
}

function expressionErrors(
  requirement: NodeSelectorRequirement,
  areValuesChecked: boolean,
  path: string,
): FieldErrors {
  const values = items(requirement.values)
  return [
    ...nodeOperatorErrors(text(requirement.operator), values, path),
    ...validateLabelKey(text(requirement.key), `${path}.key`),
    ...(areValuesChecked ? values : []).flatMap((value, index) =>
      invalidEach(`${path}.values[${index}]`, value, labelValue(value)),
    ),
  ]
}

/** The operators of labels, and two that compare numbers. */
function nodeOperatorErrors(operator: string, values: readonly string[], path: string): FieldErrors {
  if (operator !== 'Gt' && operator !== 'Lt') return operatorErrors(operator, values, path)
  if (values.length === 1) return []
  return [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
}

/** Fields that can be selected: the name of the node. */
function fieldErrors(requirement: Partial<NodeSelectorRequirement>, path: string): FieldErrors {
  const { operator = '', key = '' } = requirement
  const values = items(requirement.values)
  const isKnown = operator === 'In' || operator === 'NotIn'
  const single = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  const operatorProblems = isKnown
    ? values.length === 1
      ? []
      : [required(`${path}.values`, single)]
    : [invalid(`${path}.operator`, { json: operator }, 'not a valid selector operator')]
  if (key !== 'metadata.name') {
    return [...operatorProblems, invalid(`${path}.key`, key, 'not a valid field selector key')]
  }
  return [
    ...operatorProblems,
    ...values.flatMap((value, index) =>
      invalidEach(`${path}.values[${index}]`, value, subdomainName(value, false)),
    ),
  ]
}

function podAffinityErrors(affinity: PodAffinity, path: string): FieldErrors {
  return [
    ...items(affinity[REQUIRED]).flatMap((term, index) =>
      podTermErrors(term, `${path}.${REQUIRED}[${index}]`),
    ),
    ...items(affinity[PREFERRED]).flatMap(({ weight, podAffinityTerm }, index) => {
      const place = `${path}.${PREFERRED}[${index}]`
      return [...weightErrors(weight, place), ...podTermErrors(podAffinityTerm, `${place}.podAffinityTerm`)]
    }),
  ]
}

function podTermErrors(term: PodAffinityTerm | undefined, path: string): FieldErrors {
  const { labelSelector, namespaceSelector, namespaces, topologyKey = '' } = term ?? {}
  const place = `${path}.topologyKey`
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...items(namespaces).flatMap((name) => invalidEach(`${path}.namespace`, name, labelName(name, false))),
    ...validateLabelKeys(term ?? {}, path),
    ...(topologyKey === '' ? [required(place, 'can not be empty')] : []),
    ...validateLabelKey(topologyKey, place),
  ]
}
