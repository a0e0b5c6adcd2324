import type { Labels } from '../src/api/selectors.ts'
import type { ClusterChange, PodShape } from '../src/scheduler/framework/index.ts'
import { affinityTermsOf, termMatches } from './pod-affinity-terms.ts'
import type { AffinityTerm, AffinityTerms } from './pod-affinity-terms.ts'

/**
 * Whether a pod that InterPodAffinity rejected is worth another try: a pod came that it wants to be near, one went or
 * changed that it wants to be away from or that kept it away, its own labels changed, or a node has another domain.
 *
 * Source: Kubernetes v1.37, scheduler plugins/interpodaffinity, `isSchedulableAfterPodChange` and `…NodeChange`.
 */
export function isWorthRetry(term: AffinityTerms, change: ClusterChange): boolean {
  switch (change.type) {
    case 'assigned-pod-added':
      return matchesAll(term.requiredAffinity, change.pod)
    case 'assigned-pod-updated':
      return change.updates.includes('labels') && hasChangedSides(term, change.old, change.pod)
    case 'assigned-pod-deleted':
      return matchesAny(term.requiredAntiAffinity, change.pod) || keepsAway(change.pod, term.shape)
    case 'pending-pod-updated':
      return change.itself && change.updates.includes('labels')
    case 'node-added':
      return mayUseDomain(term, change.node.metadata?.labels ?? {})
    case 'node-updated':
      return hasDomainChanged(term, change.old.metadata?.labels ?? {}, change.node.metadata?.labels ?? {})
    case 'node-deleted':
    case 'pending-pod-deleted':
    case 'object-changed':
      return false
  }
}

function hasChangedSides(term: AffinityTerms, old: PodShape, pod: PodShape): boolean {
  const { requiredAffinity, requiredAntiAffinity } = term
  if (!matchesAll(requiredAffinity, old) && matchesAll(requiredAffinity, pod)) return true
  return matchesAny(requiredAntiAffinity, old) && !matchesAny(requiredAntiAffinity, pod)
}

function mayUseDomain(term: AffinityTerms, labels: Labels): boolean {
  return (
    term.requiredAntiAffinity.length > 0 ||
    term.requiredAffinity.some(({ topologyKey }) => labels[topologyKey] !== undefined)
  )
}

function hasDomainChanged(term: AffinityTerms, old: Labels, now: Labels): boolean {
  return (
    term.requiredAffinity.some(({ topologyKey: key }) => now[key] !== undefined && now[key] !== old[key]) ||
    term.requiredAntiAffinity.some(({ topologyKey: key }) => old[key] !== undefined && now[key] !== old[key])
  )
}

/** Whether one pod is what all the terms mean; false without any. */
function matchesAll(terms: readonly AffinityTerm[], pod: PodShape): boolean {
  return terms.length > 0 && terms.every((term) => isMeant(term, pod))
}

function matchesAny(terms: readonly AffinityTerm[], pod: PodShape): boolean {
  return terms.some((term) => isMeant(term, pod))
}

/** Hints do not look up the labels of namespaces: a namespaceSelector is asked about no labels. */
function isMeant(term: AffinityTerm, pod: PodShape): boolean {
  return termMatches(term, pod, undefined)
}

/** Whether a pod's own required anti-affinity may have kept the other away. */
function keepsAway(pod: PodShape, other: PodShape): boolean {
  return matchesAny(affinityTermsOf(pod).requiredAntiAffinity, other)
}
