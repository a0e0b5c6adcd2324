import { compileNodeSelector, compileNodeSelectorTerm } from '../src/api/selectors.ts'
import type { NodePredicate } from '../src/api/selectors.ts'
import type { Node, NodeAffinity, NodeSelector, PreferredSchedulingTerm } from '../src/api/types.generated.ts'
import { PASS, definePlugin, unresolvable } from '../src/scheduler/framework/index.ts'
import type { PluginFactory, PodShape, SchedulerPlugin } from '../src/scheduler/framework/index.ts'
import { readArguments } from './plugin-arguments.ts'
import { requiredNodeAffinity } from './required-node-affinity.ts'

const NO_MATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")
const NO_ENFORCED_MATCH = unresolvable("node(s) didn't match scheduler-enforced node affinity")
const NAMES_CONFLICT = unresolvable('pod affinity terms conflict')

/** One preference, compiled. */
interface Preference {
  readonly weight: number
  readonly matches: NodePredicate
}

/** What a pod asks of its node's labels and name. */
interface NodeAffinityTerm {
  readonly required: NodePredicate | undefined
  readonly preferred: readonly Preference[]
  /** Whether the pod has a list of preferences, even one without any that counts. */
  readonly hasPreferred: boolean
  /** Names that the required terms leave, when each of them names nodes. */
  readonly nodeNames: readonly string[] | undefined
}

/**
 * Keeps pods on nodes that their nodeSelector and required node affinity match, and prefers nodes that match more of
 * the preferred terms, by weight.
 *
 * Score: sum of the weights that match, scaled by the maximum. `addedAffinity` applies to all pods of the profile.
 * Source: Kubernetes v1.37, scheduler plugins/nodeaffinity.
 */
export const nodeAffinity: PluginFactory = (args, context) => {
  const added = readArguments(args, context, ['addedAffinity'])['addedAffinity'] as NodeAffinity | undefined
  return build(
    added?.requiredDuringSchedulingIgnoredDuringExecution,
    added?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
  )
}

function build(
  enforced: NodeSelector | undefined,
  added: readonly PreferredSchedulingTerm[],
): SchedulerPlugin {
  const enforces = enforced === undefined ? undefined : compileNodeSelector(enforced)
  const addedPreferences = compilePreferences(added)
  return definePlugin({
    name: 'NodeAffinity',
    reads: ['labels', 'name'],
    sized: false,

    compile: compileTerm,

    sign: (pod) => ({
      nodeAffinity: pod.spec.affinity?.nodeAffinity ?? null,
      nodeSelector: pod.spec.nodeSelector ?? null,
    }),

    screen(term) {
      if (term.required === undefined && enforces === undefined) return { skip: true }
      if (term.nodeNames === undefined) return undefined
      return term.nodeNames.length === 0 ? { reject: NAMES_CONFLICT } : { nodeNames: term.nodeNames }
    },

    filter(term, node, nodes) {
      const labels = nodes.labels(node)
      const name = nodes.name(node)
      if (enforces !== undefined && !enforces(labels, name)) return NO_ENFORCED_MATCH
      return term.required === undefined || term.required(labels, name) ? PASS : NO_MATCH
    },

    ranks: (term) => term.hasPreferred || added.length > 0,

    score(term, node, nodes) {
      const labels = nodes.labels(node)
      const name = nodes.name(node)
      return weightOf(addedPreferences, labels, name) + weightOf(term.preferred, labels, name)
    },

    normalize: 'by-maximum',

    events: ['node-added', 'node-updated'],

    hint(term, change) {
      if (change.type !== 'node-added' && change.type !== 'node-updated') return false
      if (!isMatch(enforces, change.node) || !isMatch(term.required, change.node)) return false
      return change.type === 'node-added' || !isMatch(term.required, change.old)
    },
  })
}

function isMatch(matches: NodePredicate | undefined, node: Node): boolean {
  return matches?.(node.metadata?.labels ?? {}, node.metadata?.name ?? '') ?? true
}

function compileTerm(pod: PodShape): NodeAffinityTerm {
  const { affinity } = pod.spec
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
  return {
    required: requiredNodeAffinity(pod.spec),
    preferred: compilePreferences(preferred ?? []),
    hasPreferred: preferred !== undefined,
    nodeNames: required === undefined ? undefined : namesOf(required),
  }
}

/** A preference of weight 0 or without expressions is none. */
function compilePreferences(preferred: readonly PreferredSchedulingTerm[]): Preference[] {
  return preferred
    .filter((term) => term.weight !== 0)
    .map((term) => ({ weight: term.weight, matches: compileNodeSelectorTerm(term.preference) }))
}

function weightOf(
  preferences: readonly Preference[],
  labels: Readonly<Record<string, string>>,
  name: string,
): number {
  let sum = 0
  for (const preference of preferences) if (preference.matches(labels, name)) sum += preference.weight
  return sum
}

/** The names of the nodes that can match, when every term names some by `metadata.name In`; otherwise undefined. */
function namesOf(required: NodeSelector): readonly string[] | undefined {
  const names = new Set<string>()
  for (const term of required.nodeSelectorTerms) {
    let ofTerm: ReadonlySet<string> | undefined
    for (const field of term.matchFields ?? []) {
      if (field.key !== 'metadata.name' || field.operator !== 'In') continue
      const values = new Set(field.values ?? [])
      const before = ofTerm
      ofTerm = before === undefined ? values : new Set([...before].filter((name) => values.has(name)))
    }
    if (ofTerm === undefined) return undefined
    for (const name of ofTerm) names.add(name)
  }
  return required.nodeSelectorTerms.length === 0 ? undefined : [...names]
}
