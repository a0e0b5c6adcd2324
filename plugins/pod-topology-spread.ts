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
  PairPart,
  PairScore,
  PluginFactory,
  PodIdentity,
  PodShape,
  SchedulerPlugin,
} from '../src/scheduler/framework/index.ts'
import { SELECTING_KINDS, defaultSpreadSelector } from './default-spread-selector.ts'
import { readSpreadDefaults } from './spread-arguments.ts'
import type { SpreadDefaults } from './spread-arguments.ts'
import { requiredNodeAffinity } from './required-node-affinity.ts'
import { compileConstraints } from './spread-constraints.ts'
import type { SpreadConstraint } from './spread-constraints.ts'
import { hasAllKeys, spreadDomains } from './spread-domains.ts'
import type { DomainPart, Inclusion } from './spread-domains.ts'
import { isWorthRetry } from './spread-hint.ts'
import { DomainCounts } from './spread-skew.ts'

const MISSING_LABEL = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
)
const TOO_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints")
const HOSTNAME = 'kubernetes.io/hostname'
const NO_PODS: readonly number[] = Object.freeze([])

/** A pod's constraints, and which nodes count for them. */
export interface SpreadTerm {
  readonly shape: PodShape
  readonly hard: readonly SpreadConstraint[]
  readonly soft: readonly SpreadConstraint[]
  readonly inclusion: Inclusion
  /** Whether the pod has constraints of its own: then the defaults do not apply. */
  readonly hasOwn: boolean
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

  const inclusions = new Map<string, Inclusion>()

  return definePlugin<SpreadTerm, 'labels', readonly DomainCounts[], PairScore>({
    name: 'PodTopologySpread',
    reads: ['labels'],
    sized: false,

    compile: (pod) => compileTerm(pod, inclusionOf(pod, options, inclusions)),

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
      const { parts } = spreadDomains(constraints, term.inclusion, cluster, true)
      return {
        state: parts.map(
          (part, place) => new DomainCounts(constraints[place] as SpreadConstraint, part, cluster),
        ),
      }
    },

    update(term, state, { pod, node, sign }) {
      if (pod.shape.namespace !== term.shape.namespace) return
      for (const counts of state) if (counts.constraint.selector(pod.shape.labels)) counts.move(node, sign)
    },

    checks: (term, state) => state.map((counts) => counts.check(ownCount(term, counts))),

    filter(term, node, _nodes, state) {
      for (const counts of state) {
        if (counts.topology.valueAt(node) < 0) return MISSING_LABEL
        const own = ownCount(term, counts)
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
      for (const { topology, amounts, isByNode, factor, offset } of state.parts) {
        const value = topology.valueAt(node)
        if (value >= 0) score += (amounts[isByNode ? node : value] ?? 0) * factor + offset
      }
      return Math.round(score)
    },

    pairScore: (_term, state) => state,

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

/** Which nodes count for the pod: the same one for pods that say the same, so that they share what is counted. */
function inclusionOf(
  { spec }: PodShape,
  options: TolerationOptions,
  known: Map<string, Inclusion>,
): Inclusion {
  const { nodeSelector, affinity, tolerations = [] } = spec
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const key = JSON.stringify([nodeSelector, required, tolerations])
  let inclusion = known.get(key)
  if (inclusion === undefined) {
    inclusion = { requires: requiredNodeAffinity(spec), tolerations, options }
    known.set(key, inclusion)
  }
  return inclusion
}

function compileTerm(shape: PodShape, inclusion: Inclusion): SpreadTerm {
  const constraints = shape.spec.topologySpreadConstraints ?? []
  return {
    shape,
    hard: compileConstraints(constraints, 'DoNotSchedule', shape),
    soft: compileConstraints(constraints, 'ScheduleAnyway', shape),
    inclusion,
    hasOwn: constraints.length > 0,
  }
}

/** Whether the pod itself adds to what the constraint counts: 1 or 0. */
function ownCount(term: SpreadTerm, { constraint }: DomainCounts): 0 | 1 {
  return constraint.selector(term.shape.labels) ? 1 : 0
}

function isIgnored(state: PairScore, node: NodeIndex): boolean {
  if (!state.needsAllLabels) return false
  for (const { topology } of state.parts) if (topology.valueAt(node) < 0) return true
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
): PairScore {
  const { parts, isComplete } = spreadDomains(constraints, term.inclusion, cluster, needsAllKeys)
  const needsAllLabels = needsAllKeys && !isComplete
  const topologies = parts.map(({ topology }) => topology)
  const ranked = needsAllLabels ? found.filter((node) => hasAllKeys(topologies, node)) : found
  return {
    needsAllLabels,
    parts: parts.map((part, place): PairPart => {
      const { maxSkew, topologyKey, counted } = constraints[place] as SpreadConstraint
      const { topology } = part
      const offset = maxSkew - 1
      if (topologyKey === HOSTNAME) {
        // Every node is a domain of its own.
        const amounts = cluster.podCounts(counted)
        return { topology, amounts, isByNode: true, factor: weightOf(ranked.length), offset }
      }
      const amounts = cluster.pairSums(part.weigher).columns[0]?.sums ?? NO_PODS
      return { topology, amounts, isByNode: false, factor: weightOf(domainsAmong(ranked, part)), offset }
    }),
  }
}

/** How many domains the nodes are in. */
function domainsAmong(nodes: readonly NodeIndex[], { topology, valueCount }: DomainPart): number {
  const isSeen = new Uint8Array(topology.valueCount)
  let size = 0
  for (let i = 0; i < nodes.length && size < valueCount; i++) {
    const value = Math.max(0, topology.valueAt(nodes[i] as NodeIndex))
    if (isSeen[value] === 0) size += 1
    isSeen[value] = 1
  }
  return size
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
