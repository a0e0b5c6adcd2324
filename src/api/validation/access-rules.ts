import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  V1Subject as Subject,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { validateLabelSelector } from './label-selectors.ts'
import { validateObjectMeta } from './metadata.ts'
import { pathSegmentName, subdomainName } from './names.ts'

const GROUP = 'rbac.authorization.k8s.io'
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group']

/** A Role. Source: Kubernetes v1.37, rbac/validation `ValidateRole`. */
export function validateRole({ metadata, rules }: Role): FieldErrors {
  return [
    ...validateObjectMeta(metadata, true, pathSegmentName),
    ...items(rules).flatMap((rule, index) => ruleErrors(rule, true, `rules[${index}]`)),
  ]
}

/** A ClusterRole. Source: rbac/validation `ValidateClusterRole`. */
export function validateClusterRole({ metadata, rules, aggregationRule }: ClusterRole): FieldErrors {
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors = items(aggregationRule?.clusterRoleSelectors)
  const isEmpty = aggregationRule !== undefined && selectors.length === 0
  const missing = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
  return [
    ...validateObjectMeta(metadata, false, pathSegmentName),
    ...items(rules).flatMap((rule, index) => ruleErrors(rule, false, `rules[${index}]`)),
    ...(isEmpty ? [required(path, missing)] : []),
    ...selectors.flatMap((selector, index) => validateLabelSelector(selector, `${path}[${index}]`)),
  ]
}

function ruleErrors(rule: Partial<PolicyRule>, isNamespaced: boolean, path: string): FieldErrors {
  const urls = items(rule.nonResourceURLs)
  const groups = items(rule.apiGroups)
  const resources = items(rule.resources)
  const place = `${path}.nonResourceURLs`
  const verbs = items(rule.verbs)
  const errors =
    verbs.length === 0 ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : []
  if (urls.length === 0) {
    return [
      ...errors,
      ...(groups.length === 0
        ? [required(`${path}.apiGroups`, 'resource rules must supply at least one api group')]
        : []),
      ...(resources.length === 0
        ? [required(`${path}.resources`, 'resource rules must supply at least one resource')]
        : []),
    ]
  }
  const hasBoth = groups.length + resources.length + items(rule.resourceNames).length > 0
  const both = 'rules cannot apply to both regular resources and non-resource URLs'
  return [
    ...errors,
    ...(isNamespaced
      ? [invalid(place, listValue(urls), 'namespaced rules cannot apply to non-resource URLs')]
      : []),
    ...(hasBoth ? [invalid(place, listValue(urls), both)] : []),
  ]
}

/** A RoleBinding. Source: rbac/validation `ValidateRoleBinding`. */
export function validateRoleBinding({ metadata, roleRef, subjects }: RoleBinding): FieldErrors {
  return [
    ...validateObjectMeta(metadata, true, pathSegmentName),
    ...referenceErrors(roleRef, ['Role', 'ClusterRole']),
    ...items(subjects).flatMap((subject, index) => subjectErrors(subject, true, `subjects[${index}]`)),
  ]
}

/** A ClusterRoleBinding. Source: rbac/validation `ValidateClusterRoleBinding`. */
export function validateClusterRoleBinding({ metadata, roleRef, subjects }: ClusterRoleBinding): FieldErrors {
  return [
    ...validateObjectMeta(metadata, false, pathSegmentName),
    ...referenceErrors(roleRef, ['ClusterRole']),
    ...items(subjects).flatMap((subject, index) => subjectErrors(subject, false, `subjects[${index}]`)),
  ]
}

/** The role; without a group it is the one of roles, by default. */
function referenceErrors(reference: Partial<RoleRef> | undefined, kinds: readonly string[]): FieldErrors {
  const { apiGroup = '', kind = '', name = '' } = reference ?? {}
  const isOther = apiGroup !== '' && apiGroup !== GROUP
  return [
    ...(isOther ? [notSupported('roleRef.apiGroup', apiGroup, [GROUP])] : []),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === ''
      ? [required('roleRef.name')]
      : invalidEach('roleRef.name', name, pathSegmentName(name, false))),
  ]
}

/** Who is bound; the group defaults by the kind. */
function subjectErrors(subject: Partial<Subject>, isNamespaced: boolean, path: string): FieldErrors {
  const { kind = '', name = '', apiGroup = '' } = subject
  const unnamed = name === '' ? [required(`${path}.name`)] : []
  switch (kind) {
    case 'ServiceAccount': {
      const needsNamespace = !isNamespaced && text(subject.namespace) === ''
      return [
        ...unnamed,
        ...(name === '' ? [] : invalidEach(`${path}.name`, name, subdomainName(name, false))),
        ...(apiGroup === '' ? [] : [notSupported(`${path}.apiGroup`, apiGroup, [''])]),
        ...(needsNamespace ? [required(`${path}.namespace`)] : []),
      ]
    }
    case 'User':
    case 'Group': {
      const isOther = apiGroup !== '' && apiGroup !== GROUP
      return [...unnamed, ...(isOther ? [notSupported(`${path}.apiGroup`, apiGroup, [GROUP])] : [])]
    }
    default:
      return [...unnamed, notSupported(`${path}.kind`, kind, SUBJECT_KINDS)]
  }
}
