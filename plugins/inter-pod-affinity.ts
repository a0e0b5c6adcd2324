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
  PairCheck,
  PairPart,
  PairSums,
  PairWeigher,
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
import type { AffinityTerms } from './pod-affinity-terms.ts'
import { filterWeighers, scoreWeigher } from './pod-affinity-weighers.ts'
import { TopologySums } from './topology-sums.ts'

const AFFINITY_NOT_MET = unresolvable("node(s) didn't match pod affinity rules")
const ANTI_AFFINITY_NOT_MET = unschedulable("node(s) didn't match pod anti-affinity rules")
const EXISTING_ANTI_AFFINITY_NOT_MET = unschedulable(
  "node(s) didn't satisfy existing pods anti-affinity rules",
)

/** Weight of required affinity terms of existing pods in the score, by default (kube-scheduler v1.37). */
const HARD_POD_AFFINITY_WEIGHT = 1
const HARD_POD_AFFINITY_WEIGHT_MAX = 100

const NO_SUMS: PairSums = Object.freeze({ columns: [], count: 0, total: 0 })

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
  const weigherOf = scoreWeigher(hardWeight)
  return definePlugin<AffinityTerms, 'labels', FilterState, PairSums>({
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
      const { requiredAffinity, requiredAntiAffinity } = term
      const weighers = filterWeighers(term, cluster)
      const existing = cluster.pairSums(weighers.existingAntiAffinity)
      const hasAffinity = requiredAffinity.length > 0
      const hasAntiAffinity = requiredAntiAffinity.length > 0
      if (existing.total === 0 && !hasAffinity && !hasAntiAffinity) return { skip: true }
      const sumsOf = (isNeeded: boolean, weigher: PairWeigher): TopologySums =>
        new TopologySums(isNeeded ? cluster.pairSums(weigher) : NO_SUMS, cluster)
      return {
        state: {
          existingAntiAffinity: new TopologySums(existing, cluster),
          affinity: sumsOf(hasAffinity, weighers.affinity),
          affinityTopologies: requiredAffinity.map(({ topologyKey }) => cluster.topology(topologyKey)),
          antiAffinity: sumsOf(hasAntiAffinity, weighers.antiAffinity),
          namespaceLabels: namespaceLabels(cluster, term.shape.namespace),
          cluster,
        },
      }
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

    checks: checksOf,

    prepareScore(term, cluster) {
      if (ignoresExisting && term.preferred.length === 0) return { skip: true }
      const sums = cluster.pairSums(weigherOf(term, cluster))
      return sums.count > 0 ? { state: sums } : { skip: true }
    },

    score(_term, node, _nodes, { columns }) {
      let sum = 0
      for (const { topology, sums } of columns) {
        const value = topology.valueAt(node)
        if (value >= 0) sum += sums[value] ?? 0
      }
      return sum
    },

    pairScore(_term, { columns }) {
      const parts = columns.map(({ topology, sums }): PairPart => {
        return { topology, amounts: sums, isByNode: false, factor: 1, offset: 0 }
      })
      return { parts, needsAllLabels: false }
    },

    normalize(scores) {
      let least = Infinity
      let most = -Infinity
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i] ?? 0
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

/** The filter as checks on the sums. */
function checksOf(term: AffinityTerms, state: FilterState): readonly PairCheck[] {
  const { requiredAffinity, shape } = term
  const isFirst =
    state.affinity.total === 0 && allTermsMatcher(requiredAffinity, state.cluster).matches(shape)
  const near = requiredAffinity.map(({ topologyKey }) =>
    state.affinity.checkAtLeast(topologyKey, isFirst ? -Infinity : 1),
  )
  return [...near, ...state.antiAffinity.checks(), ...state.existingAntiAffinity.checks()]
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
