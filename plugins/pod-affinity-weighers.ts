import type { Labels } from '../src/api/selectors.ts'
import type { ClusterView, PairWeigher, PairWeight, PodShape } from '../src/scheduler/framework/index.ts'
import {
  affinityTermsOf,
  allTermsMatcher,
  namespaceLabels,
  termMatcher,
  termMatches,
} from './pod-affinity-terms.ts'
import type { AffinityTerms } from './pod-affinity-terms.ts'

const NOTHING: readonly PairWeight[] = Object.freeze([])

/** What pods on nodes are to an incoming pod's filter, by topology pair. */
export interface FilterWeighers {
  /** Those whose required anti-affinity means the incoming pod. */
  readonly existingAntiAffinity: PairWeigher
  /** Those that all its required affinity terms mean. */
  readonly affinity: PairWeigher
  /** Those that its required anti-affinity terms mean. */
  readonly antiAffinity: PairWeigher
}

/** Weighers of a pod's terms, as long as namespaces stay as they are. */
interface Kept<Weighers> {
  readonly revision: number
  readonly weighers: Weighers
}

/** Remembers what was made for the terms of a pod until a namespace changes. */
export function keptByTerms<Weighers>(
  make: (term: AffinityTerms, cluster: ClusterView) => Weighers,
): (term: AffinityTerms, cluster: ClusterView) => Weighers {
  const kept = new WeakMap<AffinityTerms, Kept<Weighers>>()
  return (term, cluster) => {
    const revision = cluster.revisionOf('Namespace')
    const known = kept.get(term)
    if (known?.revision === revision) return known.weighers
    const weighers = make(term, cluster)
    kept.set(term, { revision, weighers })
    return weighers
  }
}

export const filterWeighers = keptByTerms((term, cluster): FilterWeighers => {
  const { requiredAffinity, requiredAntiAffinity, shape } = term
  const labels = namespaceLabels(cluster, shape.namespace)
  const meant = allTermsMatcher(requiredAffinity, cluster)
  const weights = requiredAffinity.map(({ topologyKey }) => ({ topologyKey, weight: 1 }))
  const avoided = requiredAntiAffinity.map((one) => {
    return { topologyKey: one.topologyKey, matcher: termMatcher(one, cluster) }
  })
  return {
    existingAntiAffinity: {
      ...OF_AFFINITY_PODS,
      weigh: (pod) => existingAntiAffinity(pod, shape, labels),
    },
    affinity: { ...OF_ALL_PODS, weigh: (pod) => (meant.matches(pod) ? weights : NOTHING) },
    antiAffinity: {
      ...OF_ALL_PODS,
      weigh: (pod) =>
        avoided.flatMap(({ topologyKey, matcher }) =>
          matcher.matches(pod) ? [{ topologyKey, weight: 1 }] : [],
        ),
    },
  }
})

/** The weigher of the score, for a weight of the required affinity terms of existing pods. */
export function scoreWeigher(hardWeight: number): (term: AffinityTerms, cluster: ClusterView) => PairWeigher {
  return keptByTerms((term, cluster) => {
    const { preferred, shape } = term
    const labels = namespaceLabels(cluster, shape.namespace)
    const wanted = preferred.map((one) => {
      return { topologyKey: one.topologyKey, weight: one.weight, matcher: termMatcher(one, cluster) }
    })
    return {
      ...(preferred.length > 0 ? OF_ALL_PODS : OF_AFFINITY_PODS),
      weigh(pod) {
        const weights: PairWeight[] = wanted.filter(({ matcher }) => matcher.matches(pod))
        const existing = affinityTermsOf(pod)
        if (hardWeight > 0) {
          for (const one of existing.requiredAffinity) {
            if (!termMatches(one, shape, labels)) continue
            weights.push({ topologyKey: one.topologyKey, weight: hardWeight })
          }
        }
        for (const one of existing.preferred) if (termMatches(one, shape, labels)) weights.push(one)
        return weights
      },
    }
  })
}

const OF_ALL_PODS = { countsTerminating: true, isOfAffinityPods: false } as const
const OF_AFFINITY_PODS = { countsTerminating: true, isOfAffinityPods: true } as const

function existingAntiAffinity(
  pod: PodShape,
  incoming: PodShape,
  labels: Labels | undefined,
): readonly PairWeight[] {
  return affinityTermsOf(pod).requiredAntiAffinity.flatMap((one) =>
    termMatches(one, incoming, labels) ? [{ topologyKey: one.topologyKey, weight: 1 }] : [],
  )
}
