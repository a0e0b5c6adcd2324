import type { TolerationOptions } from '../src/api/tolerations.ts'
import type { TopologySpreadConstraint } from '../src/api/types.generated.ts'
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
  PodIdentity,
  PodShape,
  SchedulerPlugin,
  Topology,
} from '../src/scheduler/framework/index.ts'
import { SELECTING_KINDS, defaultSpreadSelector } from './default-spread-selector.ts'
import { readSpreadDefaults } from './spread-arguments.ts'
import type { SpreadDefaults } from './spread-arguments.ts'
import { requiredNodeAffinity } from './required-node-affinity.ts'
import { compileConstraints } from './spread-constraints.ts'
import type { SpreadConstraint } from './spread-constraints.ts'
import { hasAllKeys, spreadDomains } from './spread-domains.ts'
import type { Inclusion } from './spread-domains.ts'
import { isWorthRetry } from './spread-hint.ts'
import { DomainCounts } from './spread-skew.ts'

const MISSING_LABEL = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
)
const TOO_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints")
const HOSTNAME = 'kubernetes.io/hostname'

/** A pod's constraints, and which nodes count for them. */
export interface SpreadTerm {
  readonly shape: PodShape
  readonly hard: readonly SpreadConstraint[]
  readonly soft: readonly SpreadConstraint[]
  readonly inclusion: Inclusion
  /** Whether the pod has constraints of its own: then the defaults do not apply. */
  readonly hasOwn: boolean
}

/** What scoring knows of one soft constraint. */
interface SoftCounts {
  readonly constraint: SpreadConstraint
  readonly topology: Topology
  /** Pods by node for the hostname key, where every node is a domain of its own. */
  readonly byNode: Readonly<Int32Array> | undefined
  /** Pods by domain, for other keys. */
  readonly byValue: Float64Array
  /** Logarithm of the number of domains and 2. */
  readonly weight: number
}

/** What scoring knows for the nodes found. */
interface ScoreState {
  readonly constraints: readonly SoftCounts[]
  /** Whether nodes without all the labels are worth nothing. */
  readonly needsAllKeys: boolean
}

/**
 * Spreads pods over topology domains: hard constraints bound the skew, soft ones prefer domains with fewer pods.
 *
 * Score: sum over soft constraints of pods × ln(domains + 2) + maxSkew − 1, rounded; reversed between least and greatest.
 * Source: Kubernetes v1.37, scheduler plugins/podtopologyspread.
 */
export const podTopologySpread: PluginFactory = (args, context) => {
  const options = {
    comparisonOperators: context.gates.get('TaintTolerationComparisonOperators') ?? false,
  }
  return build(readSpreadDefaults(args, context), options)
}

function build(defaults: SpreadDefaults, options: TolerationOptions): SchedulerPlugin {
  const fallback = new DefaultConstraints(defaults.constraints)
  const hardOf = (term: SpreadTerm, pod: PodIdentity, cluster: ClusterView): readonly SpreadConstraint[] =>
    term.hasOwn ? term.hard : fallback.of(term.shape, pod, cluster).hard
  const softOf = (term: SpreadTerm, pod: PodIdentity, cluster: ClusterView): readonly SpreadConstraint[] =>
    term.hasOwn ? term.soft : fallback.of(term.shape, pod, cluster).soft

  return definePlugin<SpreadTerm, 'labels', readonly DomainCounts[], ScoreState>({
    name: 'PodTopologySpread',
    reads: ['labels'],
    sized: false,

    compile: (pod) => compileTerm(pod, options),

    // With default constraints no pod is signed: whether they apply to it is not in the pod.
    ...(defaults.constraints.length > 0
      ? {}
      : {
          sign: (pod: PodShape) => ((pod.spec.topologySpreadConstraints ?? []).length > 0 ? undefined : {}),
        }),

    isIdle: (term, cluster) => !term.hasOwn && !fallback.mayApply(cluster),

    ignoresIdentity: (term) => term.hasOwn,

    prepare(term, cluster, pod) {
      const constraints = hardOf(term, pod, cluster)
      if (constraints.length === 0) return { skip: true }
      const domains = spreadDomains(constraints, term.inclusion, cluster, true)
      return {
        state: constraints.map((constraint, place) => new DomainCounts(constraint, place, domains, cluster)),
      }
    },

    update(term, state, { pod, node, sign }) {
      if (pod.shape.namespace !== term.shape.namespace) return
      for (const counts of state) if (counts.constraint.selector(pod.shape.labels)) counts.move(node, sign)
    },

    filter(term, node, _nodes, state) {
      for (const counts of state) {
        if (counts.topology.valueAt(node) < 0) return MISSING_LABEL
        const own = counts.constraint.selector(term.shape.labels) ? 1 : 0
        if (counts.podsAt(node) + own - counts.least > counts.constraint.maxSkew) return TOO_SKEWED
      }
      return PASS
    },

    prepareScore(term, cluster, found, pod) {
      const constraints = softOf(term, pod, cluster)
      if (constraints.length === 0) return { skip: true }
      const needsAllKeys = term.hasOwn || !defaults.isSystem
      return { state: prepareSoft(constraints, { term, cluster, found, needsAllKeys }) }
    },

    score(_term, node, _nodes, state) {
      if (isIgnored(state, node)) return 0
      let score = 0
      for (const { constraint, topology, byNode, byValue, weight } of state.constraints) {
        const value = topology.valueAt(node)
        if (value < 0) continue
        const pods = byNode === undefined ? (byValue[value] ?? 0) : (byNode[node] ?? 0)
        score += pods * weight + (constraint.maxSkew - 1)
      }
      return Math.round(score)
    },

    normalize(scores, found, _term, state) {
      let least = Number.MAX_SAFE_INTEGER
      let greatest = 0
      for (let i = 0; i < scores.length; i++) {
        if (isIgnored(state, found[i] ?? 0)) continue
        least = Math.min(least, scores[i] ?? 0)
        greatest = Math.max(greatest, scores[i] ?? 0)
      }
      for (let i = 0; i < scores.length; i++) {
        if (isIgnored(state, found[i] ?? 0)) scores[i] = 0
        else if (greatest === 0) scores[i] = SCORE_MAX
        else scores[i] = Math.trunc((SCORE_MAX * (greatest + least - (scores[i] ?? 0))) / greatest)
      }
    },

    hint(term, change, cluster, pod) {
      const { namespace } = term.shape
      return isWorthRetry({ namespace, hard: hardOf(term, pod, cluster) }, change)
    },
  })
}

function compileTerm(shape: PodShape, options: TolerationOptions): SpreadTerm {
  const constraints = shape.spec.topologySpreadConstraints ?? []
  return {
    shape,
    hard: compileConstraints(constraints, 'DoNotSchedule', shape),
    soft: compileConstraints(constraints, 'ScheduleAnyway', shape),
    inclusion: {
      requires: requiredNodeAffinity(shape.spec),
      tolerations: shape.spec.tolerations ?? [],
      options,
    },
    hasOwn: constraints.length > 0,
  }
}

function isIgnored(state: ScoreState, node: NodeIndex): boolean {
  if (!state.needsAllKeys) return false
  for (const { topology } of state.constraints) if (topology.valueAt(node) < 0) return true
  return false
}

/** Counts pods in the domains of the nodes found; a node without a label counts as of the domain without a name. */
function prepareSoft(
  constraints: readonly SpreadConstraint[],
  {
    term,
    cluster,
    found,
    needsAllKeys,
  }: {
    readonly term: SpreadTerm
    readonly cluster: ClusterView
    readonly found: readonly NodeIndex[]
    readonly needsAllKeys: boolean
  },
): ScoreState {
  const { topologies, counts } = spreadDomains(constraints, term.inclusion, cluster, needsAllKeys)
  const ranked = needsAllKeys ? found.filter((node) => hasAllKeys(topologies, node)) : found
  const soft = constraints.map((constraint, place): SoftCounts => {
    const topology = topologies[place] ?? cluster.topology(constraint.topologyKey)
    const pods = cluster.podCounts(constraint.counted)
    if (constraint.topologyKey === HOSTNAME) {
      return {
        constraint,
        topology,
        byNode: pods,
        byValue: new Float64Array(0),
        weight: weightOf(ranked.length),
      }
    }
    const isWanted = new Uint8Array(topology.valueCount)
    const byValue = new Float64Array(topology.valueCount)
    let size = 0
    for (const node of ranked) {
      const value = Math.max(0, topology.valueAt(node))
      if (isWanted[value] === 0) size += 1
      isWanted[value] = 1
    }
    const counted = counts[place]
    for (const node of cluster.order) {
      const value = Math.max(0, topology.valueAt(node))
      if (counted?.[node] === 1 && isWanted[value] === 1)
        byValue[value] = (byValue[value] ?? 0) + (pods[node] ?? 0)
    }
    return { constraint, topology, byNode: undefined, byValue, weight: weightOf(size) }
  })
  return { constraints: soft, needsAllKeys }
}

/** A constraint over more domains weighs more, so that its counts are worth as much as those over few. */
function weightOf(domainCount: number): number {
  return Math.log(domainCount + 2)
}

/** The profile's default constraints, for pods that services or a controller select and that have none of their own. */
class DefaultConstraints {
  readonly #constraints: readonly TopologySpreadConstraint[]
  readonly #byPod = new Map<string, CompiledDefaults>()
  #revision = ''

  constructor(constraints: readonly TopologySpreadConstraint[]) {
    this.#constraints = constraints
  }

  /** Whether they can apply to any pod: something must be there that selects pods. */
  mayApply(cluster: ClusterView): boolean {
    if (this.#constraints.length === 0) return false
    for (const kind of SELECTING_KINDS) if (cluster.count(kind) > 0) return true
    return false
  }

  of(shape: PodShape, pod: PodIdentity, cluster: ClusterView): CompiledDefaults {
    if (this.#constraints.length === 0) return NO_DEFAULTS
    const revision = SELECTING_KINDS.map((kind) => cluster.revisionOf(kind)).join('/')
    if (revision !== this.#revision) {
      this.#revision = revision
      this.#byPod.clear()
    }
    const owner = pod.ownerReferences.find(({ controller }) => controller === true)
    const key = JSON.stringify([shape.namespace, shape.labels, owner?.apiVersion, owner?.kind, owner?.name])
    let compiled = this.#byPod.get(key)
    if (compiled === undefined) {
      compiled = this.#compile(shape, pod, cluster)
      this.#byPod.set(key, compiled)
    }
    return compiled
  }

  #compile(shape: PodShape, pod: PodIdentity, cluster: ClusterView): CompiledDefaults {
    const selector = defaultSpreadSelector(shape, pod, cluster)
    if (selector === undefined) return NO_DEFAULTS
    return {
      hard: compileConstraints(this.#constraints, 'DoNotSchedule', shape, selector),
      soft: compileConstraints(this.#constraints, 'ScheduleAnyway', shape, selector),
    }
  }
}

interface CompiledDefaults {
  readonly hard: readonly SpreadConstraint[]
  readonly soft: readonly SpreadConstraint[]
}

const NO_DEFAULTS: CompiledDefaults = Object.freeze({ hard: Object.freeze([]), soft: Object.freeze([]) })
