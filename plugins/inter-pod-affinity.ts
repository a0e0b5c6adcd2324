import type { Labels } from '../src/api/selectors.ts'
import { InputError } from '../src/base/errors.ts'
import {
  PASS,
  SCORE_MAX,
  definePlugin,
  unresolvable,
  unschedulable,
} from '../src/scheduler/framework/index.ts'
import type {
  ClusterView,
  NodeIndex,
  PluginFactory,
  SchedulerPlugin,
  Topology,
} from '../src/scheduler/framework/index.ts'
import { isWorthRetry } from './affinity-hint.ts'
import { readArguments } from './plugin-arguments.ts'
import {
  affinityTermsOf,
  allTermsMatcher,
  namespaceLabels,
  termMatcher,
  termMatches,
} from './pod-affinity-terms.ts'
import type { AffinityTerm, AffinityTerms } from './pod-affinity-terms.ts'
import { TopologySums } from './topology-sums.ts'

const AFFINITY_NOT_MET = unresolvable("node(s) didn't match pod affinity rules")
const ANTI_AFFINITY_NOT_MET = unschedulable("node(s) didn't match pod anti-affinity rules")
const EXISTING_ANTI_AFFINITY_NOT_MET = unschedulable(
  "node(s) didn't satisfy existing pods anti-affinity rules",
)

/** Weight of required affinity terms of existing pods in the score, by default (kube-scheduler v1.37). */
const HARD_POD_AFFINITY_WEIGHT = 1
const HARD_POD_AFFINITY_WEIGHT_MAX = 100

/** Pods that matter to the filter, counted by topology pair. */
interface FilterState {
  /** Existing pods whose required anti-affinity means the incoming pod. */
  readonly existingAntiAffinity: TopologySums
  /** Pods that all required affinity terms of the incoming pod mean. */
  readonly affinity: TopologySums
  /** Labels of its required affinity terms, in their order. */
  readonly affinityTopologies: readonly Topology[]
  /** Pods that a required anti-affinity term of the incoming pod means. */
  readonly antiAffinity: TopologySums
  readonly namespaceLabels: Labels | undefined
  readonly cluster: ClusterView
}

/**
 * Keeps pods near pods that they want to be with and away from others, by topology domain, and those of others' rules too;
 * prefers domains by the weights of preferred terms of both sides.
 *
 * Score: sum over topology pairs of the node, from the least to the greatest over the nodes found scaled to 0 … 100.
 * Source: Kubernetes v1.37, scheduler plugins/interpodaffinity.
 */
export const interPodAffinity: PluginFactory = (args, context) => {
  const given = readArguments(args, context, ['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods'])
  const hardWeight = (given['hardPodAffinityWeight'] as number | undefined) ?? HARD_POD_AFFINITY_WEIGHT
  if (!Number.isInteger(hardWeight) || hardWeight < 0 || hardWeight > HARD_POD_AFFINITY_WEIGHT_MAX) {
    throw new InputError({
      field: `${context.path}.hardPodAffinityWeight`,
      message: `${String(hardWeight)} is not a valid weight: must be between 0 and ${HARD_POD_AFFINITY_WEIGHT_MAX}`,
    })
  }
  return build(hardWeight, given['ignorePreferredTermsOfExistingPods'] === true)
}

function build(hardWeight: number, ignoresExisting: boolean): SchedulerPlugin {
  return definePlugin<AffinityTerms, 'labels', FilterState, TopologySums>({
    name: 'InterPodAffinity',
    reads: ['labels'],
    sized: false,

    compile: affinityTermsOf,

    sign({ labels, spec: { affinity } }) {
      if (affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined) return undefined
      return ignoresExisting ? {} : { labels }
    },

    isIdle(term, cluster) {
      return !hasTerms(term) && cluster.affinityShapeCount === 0
    },

    ignoresIdentity: () => true,

    prepare(term, cluster) {
      const existingAntiAffinity = new TopologySums(cluster)
      const state: FilterState = {
        existingAntiAffinity,
        affinity: new TopologySums(cluster),
        affinityTopologies: term.requiredAffinity.map(({ topologyKey }) => cluster.topology(topologyKey)),
        antiAffinity: new TopologySums(cluster),
        namespaceLabels: namespaceLabels(cluster, term.shape.namespace),
        cluster,
      }
      for (const { shape, nodes, counts } of cluster.affinityPods()) {
        for (const one of affinityTermsOf(shape).requiredAntiAffinity) {
          if (!termMatches(one, term.shape, state.namespaceLabels)) continue
          nodes.forEach((node, place) => {
            existingAntiAffinity.add(one.topologyKey, node, counts[place] ?? 0)
          })
        }
      }
      const { requiredAffinity, requiredAntiAffinity } = term
      if (requiredAffinity.length > 0) {
        addCounts(
          state.affinity,
          requiredAffinity,
          cluster.podCounts(allTermsMatcher(requiredAffinity, cluster)),
          cluster,
        )
      }
      for (const one of requiredAntiAffinity) {
        addCounts(state.antiAffinity, [one], cluster.podCounts(termMatcher(one, cluster)), cluster)
      }
      const isNeedless =
        existingAntiAffinity.total === 0 && requiredAffinity.length === 0 && requiredAntiAffinity.length === 0
      return isNeedless ? { skip: true } : { state }
    },

    update(term, state, { pod, node, sign }) {
      const { cluster } = state
      for (const one of affinityTermsOf(pod.shape).requiredAntiAffinity) {
        if (termMatches(one, term.shape, state.namespaceLabels)) {
          state.existingAntiAffinity.add(one.topologyKey, node, sign)
        }
      }
      if (allTermsMatcher(term.requiredAffinity, cluster).matches(pod.shape)) {
        for (const one of term.requiredAffinity) state.affinity.add(one.topologyKey, node, sign)
      }
      for (const one of term.requiredAntiAffinity) {
        if (termMatcher(one, cluster).matches(pod.shape)) state.antiAffinity.add(one.topologyKey, node, sign)
      }
    },

    filter(term, node, _nodes, state) {
      if (!isNearAffinity(term, node, state)) return AFFINITY_NOT_MET
      for (const { topologyKey } of term.requiredAntiAffinity) {
        if (state.antiAffinity.at(topologyKey, node) > 0) return ANTI_AFFINITY_NOT_MET
      }
      return state.existingAntiAffinity.isAboveZeroAt(node) ? EXISTING_ANTI_AFFINITY_NOT_MET : PASS
    },

    prepareScore(term, cluster) {
      const hasPreferences = term.preferred.length > 0
      if (ignoresExisting && !hasPreferences) return { skip: true }
      const sums = new TopologySums(cluster)
      for (const one of term.preferred) {
        addCounts(sums, [one], cluster.podCounts(termMatcher(one, cluster)), cluster, one.weight)
      }
      const labels = namespaceLabels(cluster, term.shape.namespace)
      for (const { shape, nodes, counts } of cluster.affinityPods()) {
        const existing = affinityTermsOf(shape)
        const addAll = (one: AffinityTerm, weight: number): void => {
          if (!termMatches(one, term.shape, labels)) return
          nodes.forEach((node, place) => sums.add(one.topologyKey, node, weight * (counts[place] ?? 0)))
        }
        if (hardWeight > 0) for (const one of existing.requiredAffinity) addAll(one, hardWeight)
        for (const one of existing.preferred) addAll(one, one.weight)
      }
      return sums.isTouched ? { state: sums } : { skip: true }
    },

    score: (_term, node, _nodes, state) => state.sumAt(node),

    normalize(scores) {
      let least = Infinity
      let most = -Infinity
      for (const score of scores) {
        if (score < least) least = score
        if (score > most) most = score
      }
      const span = most - least
      for (let i = 0; i < scores.length; i++) {
        scores[i] = span > 0 ? Math.trunc(SCORE_MAX * (((scores[i] ?? 0) - least) / span)) : 0
      }
    },

    hint: isWorthRetry,
  })
}

function hasTerms(term: AffinityTerms): boolean {
  return term.requiredAffinity.length + term.requiredAntiAffinity.length + term.preferred.length > 0
}

/** Adds to the pairs of the terms, for each node, what it holds. */
function addCounts(
  sums: TopologySums,
  terms: readonly AffinityTerm[],
  counts: Readonly<Int32Array>,
  cluster: ClusterView,
  weight = 1,
): void {
  for (const node of cluster.order) {
    const count = counts[node] ?? 0
    if (count === 0) continue
    for (const { topologyKey } of terms) sums.add(topologyKey, node, weight * count)
  }
}

/**
 * Whether pods that the affinity terms mean are in all of the node's domains. The first pod of a group that means itself
 * may go wherever the topology labels are.
 */
function isNearAffinity(term: AffinityTerms, node: NodeIndex, state: FilterState): boolean {
  let podsExist = true
  const { requiredAffinity } = term
  for (let i = 0; i < requiredAffinity.length; i++) {
    if ((state.affinityTopologies[i]?.valueAt(node) ?? -1) < 0) return false
    if (state.affinity.at(requiredAffinity[i]?.topologyKey ?? '', node) <= 0) podsExist = false
  }
  if (podsExist) return true
  return (
    state.affinity.total === 0 && allTermsMatcher(term.requiredAffinity, state.cluster).matches(term.shape)
  )
}
