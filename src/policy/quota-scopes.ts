import { compileLabelSelector } from '../api/selectors.ts'
import { qosClassOf } from '../api/qos.ts'
import type {
  Pod,
  PodAffinityTerm,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from '../api/types.generated.ts'

/**
 * Whether all scopes of a quota hold for a pod.
 *
 * Source: Kubernetes v1.37, quota/v1/evaluator/core `podMatchesScopeFunc`.
 */
export function matchesScopes({ spec }: ResourceQuota, pod: Pod): boolean {
  const isWithin = (spec?.scopes ?? []).every((scopeName) =>
    matchesScope({ scopeName, operator: 'Exists' }, pod),
  )
  return (
    isWithin &&
    (spec?.scopeSelector?.matchExpressions ?? []).every((requirement) => matchesScope(requirement, pod))
  )
}

function matchesScope(requirement: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  switch (requirement.scopeName) {
    case 'Terminating':
      return isTerminating(pod)
    case 'NotTerminating':
      return !isTerminating(pod)
    case 'BestEffort':
      return isBestEffort(pod)
    case 'NotBestEffort':
      return !isBestEffort(pod)
    case 'PriorityClass':
      return matchesPriorityClass(requirement, pod)
    case 'CrossNamespacePodAffinity':
      return hasCrossNamespaceAffinity(pod)
    default:
      return false
  }
}

/** Ends by itself: has a deadline. */
function isTerminating({ spec }: Pod): boolean {
  return (spec?.activeDeadlineSeconds ?? -1) >= 0
}

function isBestEffort(pod: Pod): boolean {
  return (pod.status?.qosClass || qosClassOf(pod)) === 'BestEffort'
}

function matchesPriorityClass(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  { spec }: Pod,
): boolean {
  const name = spec?.priorityClassName ?? ''
  const labels = name === '' ? {} : { PriorityClass: name }
  return compileLabelSelector({ matchExpressions: [{ key: 'PriorityClass', operator, values }] })(labels)
}

/** Names namespaces in its affinity or anti-affinity to pods, its own included. */
function hasCrossNamespaceAffinity({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
  return [podAffinity, podAntiAffinity].some((affinity) => {
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    return [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)].some(isCrossNamespace)
  })
}

function isCrossNamespace({ namespaces, namespaceSelector }: PodAffinityTerm): boolean {
  return (namespaces ?? []).length > 0 || (namespaceSelector !== undefined && namespaceSelector !== null)
}
