import { compileLabelSelector } from '../src/api/selectors.ts'
import type { LabelPredicate, Labels } from '../src/api/selectors.ts'
import type {
  LabelSelector,
  Namespace,
  PodAffinityTerm,
  WeightedPodAffinityTerm,
} from '../src/api/types.generated.ts'
import type { ClusterView, PodMatcher, PodShape } from '../src/scheduler/framework/index.ts'

const NO_LABELS: Labels = Object.freeze({})

/** One term of pod affinity or anti-affinity: which pods it means, and where they count. */
export interface AffinityTerm {
  readonly topologyKey: string
  /** Names of namespaces whose pods it means. */
  readonly namespaces: ReadonlySet<string>
  /** Further namespaces by their labels; a term without a namespaceSelector has none. */
  readonly namespaceSelector: LabelPredicate | undefined
  /** Whether the namespaceSelector is empty, which means all namespaces, known ones and others. */
  readonly meansAllNamespaces: boolean
  readonly selector: LabelPredicate
}

/** A term with a weight: below 0 for anti-affinity. */
export interface WeightedTerm extends AffinityTerm {
  readonly weight: number
}

/** All terms of a pod. */
export interface AffinityTerms {
  readonly shape: PodShape
  readonly requiredAffinity: readonly AffinityTerm[]
  readonly requiredAntiAffinity: readonly AffinityTerm[]
  readonly preferred: readonly WeightedTerm[]
}

const compiled = new WeakMap<PodShape, AffinityTerms>()

/** The terms of a pod, compiled once for each shape. */
export function affinityTermsOf(shape: PodShape): AffinityTerms {
  const known = compiled.get(shape)
  if (known !== undefined) return known
  const { podAffinity, podAntiAffinity } = shape.spec.affinity ?? {}
  const required = (terms: readonly PodAffinityTerm[] | undefined): AffinityTerm[] =>
    (terms ?? []).map((term) => compileTerm(term, shape.namespace))
  const preferred = (terms: readonly WeightedPodAffinityTerm[] | undefined, sign: 1 | -1): WeightedTerm[] =>
    (terms ?? []).map(({ podAffinityTerm, weight }) => {
      return { ...compileTerm(podAffinityTerm, shape.namespace), weight: sign * weight }
    })
  const terms: AffinityTerms = {
    shape,
    requiredAffinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: [
      ...preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
      ...preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
    ],
  }
  compiled.set(shape, terms)
  return terms
}

function compileTerm(term: PodAffinityTerm, namespace: string): AffinityTerm {
  const { namespaces = [], namespaceSelector } = term
  const isLocal = namespaces.length === 0 && namespaceSelector === undefined
  return {
    topologyKey: term.topologyKey,
    namespaces: new Set(isLocal ? [namespace] : namespaces),
    namespaceSelector: namespaceSelector === undefined ? undefined : compileLabelSelector(namespaceSelector),
    meansAllNamespaces: namespaceSelector !== undefined && isEmpty(namespaceSelector),
    selector: compileLabelSelector(term.labelSelector),
  }
}

function isEmpty(selector: LabelSelector): boolean {
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
  )
}

/** Labels of a namespace; undefined when there is no such object. */
export function namespaceLabels(cluster: ClusterView, namespace: string): Labels | undefined {
  const object = cluster.object('Namespace', namespace) as Namespace | undefined
  return object === undefined ? undefined : (object.metadata?.labels ?? NO_LABELS)
}

/**
 * Whether a term means a pod, by the labels of the pod's namespace; a namespace without an object counts as one without
 * labels. Source: kube-scheduler v1.37, framework `AffinityTerm.Matches`.
 */
export function termMatches(
  term: AffinityTerm,
  pod: PodShape,
  labelsOfNamespace: Labels | undefined,
): boolean {
  const isMeant =
    term.namespaces.has(pod.namespace) || (term.namespaceSelector?.(labelsOfNamespace ?? NO_LABELS) ?? false)
  return isMeant && term.selector(pod.labels)
}

/** What a term is resolved to, and the state of the namespaces that it holds for. */
interface ResolvedTerm {
  readonly revision: number
  readonly matcher: PodMatcher
}

const resolved = new WeakMap<AffinityTerm, ResolvedTerm>()

/** The pods that a term of an incoming pod means: its namespaceSelector stands for the namespaces that match it now. */
export function termMatcher(term: AffinityTerm, cluster: ClusterView): PodMatcher {
  const { namespaceSelector } = term
  const revision = namespaceSelector === undefined ? 0 : cluster.revisionOf('Namespace')
  const known = resolved.get(term)
  if (known?.revision === revision) return known.matcher
  const namespaces = new Set(term.namespaces)
  if (namespaceSelector !== undefined) {
    for (const object of cluster.objects('Namespace') as Iterable<Namespace>) {
      if (namespaceSelector(object.metadata?.labels ?? NO_LABELS)) namespaces.add(object.metadata?.name ?? '')
    }
  }
  const matcher: PodMatcher = {
    countsTerminating: true,
    matches: (pod) => (term.meansAllNamespaces || namespaces.has(pod.namespace)) && term.selector(pod.labels),
  }
  resolved.set(term, { revision, matcher })
  return matcher
}

const resolvedAll = new WeakMap<readonly AffinityTerm[], ResolvedTerm>()

/** The pods that all of the terms mean; none when there are no terms. */
export function allTermsMatcher(terms: readonly AffinityTerm[], cluster: ClusterView): PodMatcher {
  const [only] = terms
  if (only !== undefined && terms.length === 1) return termMatcher(only, cluster)
  const revision = cluster.revisionOf('Namespace')
  const known = resolvedAll.get(terms)
  if (known?.revision === revision) return known.matcher
  const matchers = terms.map((term) => termMatcher(term, cluster))
  const matcher: PodMatcher = {
    countsTerminating: true,
    matches: (pod) => matchers.length > 0 && matchers.every((one) => one.matches(pod)),
  }
  resolvedAll.set(terms, { revision, matcher })
  return matcher
}
