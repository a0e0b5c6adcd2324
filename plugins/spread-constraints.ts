import { compileLabelSelector } from '../src/api/selectors.ts'
import type { LabelPredicate, Labels } from '../src/api/selectors.ts'
import type { LabelSelector, TopologySpreadConstraint } from '../src/api/types.generated.ts'
import type { PodMatcher, PodShape } from '../src/scheduler/framework/index.ts'

/** One topology spread constraint of a pod, compiled. */
export interface SpreadConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly minDomains: number
  readonly honorsNodeAffinity: boolean
  readonly honorsNodeTaints: boolean
  readonly selector: LabelPredicate
  /** The pods that it counts. */
  readonly counted: PodMatcher
}

type Action = 'DoNotSchedule' | 'ScheduleAnyway'

/** What pods a constraint is about: a predicate, and whether it has no requirement at all. */
export interface SpreadSelector {
  readonly matches: LabelPredicate
  readonly isEmpty: boolean
}

/**
 * The constraints of one action, with the selector of each; `selector` of the constraint itself when none is given.
 *
 * Source: Kubernetes v1.37, scheduler plugins/podtopologyspread, `filterTopologySpreadConstraints`.
 */
export function compileConstraints(
  constraints: readonly TopologySpreadConstraint[],
  action: Action,
  pod: PodShape,
  selector?: SpreadSelector,
): readonly SpreadConstraint[] {
  return constraints
    .filter((constraint) => constraint.whenUnsatisfiable === action)
    .map((constraint) => {
      const chosen = selector ?? selectorOf(constraint, pod.labels)
      return {
        maxSkew: constraint.maxSkew,
        topologyKey: constraint.topologyKey,
        minDomains: constraint.minDomains ?? 1,
        honorsNodeAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
        honorsNodeTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
        selector: chosen.matches,
        counted: matcherOf(chosen, pod.namespace),
      }
    })
}

/** The constraint's labelSelector with the pod's values of matchLabelKeys added. */
function selectorOf(constraint: TopologySpreadConstraint, labels: Labels): SpreadSelector {
  const { labelSelector, matchLabelKeys = [] } = constraint
  const added = matchLabelKeys.flatMap((key) => {
    const value = labels[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  if (added.length === 0) {
    return { matches: compileLabelSelector(labelSelector), isEmpty: isEmptySelector(labelSelector) }
  }
  const merged: LabelSelector = {
    ...labelSelector,
    matchExpressions: [
      ...(labelSelector?.matchExpressions ?? []),
      ...added.map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ],
  }
  return { matches: compileLabelSelector(merged), isEmpty: false }
}

/** An absent selector means no pod, an empty one has no requirement. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  if (selector === undefined) return false
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
  )
}

/** Living pods of the namespace that match; a selector without requirements counts none. */
function matcherOf(selector: SpreadSelector, namespace: string): PodMatcher {
  return {
    countsTerminating: false,
    matches: (pod) => !selector.isEmpty && pod.namespace === namespace && selector.matches(pod.labels),
  }
}
