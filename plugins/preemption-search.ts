import type { PodDisruptionBudget } from '../src/api/types.generated.ts'
import { unresolvable } from '../src/scheduler/framework/index.ts'
import type {
  NodeIndex,
  PlacedPod,
  PostFilterContext,
  PostFilterResult,
  PreemptionCandidate,
  Trial,
} from '../src/scheduler/framework/index.ts'
import { splitByBudget } from './disruption-budgets.ts'
import { preemptionMessage } from './preemption-message.ts'
import { bestCandidates } from './preemption-order.ts'
import { isMoreImportantVictim, isSpared } from './preemption-victims.ts'
import type { Victim } from './preemption-victims.ts'

/** No node is a candidate. */
const NOTHING = { code: 'Unschedulable', candidates: [], ties: [], clearNomination: true } as const

const NO_VICTIMS = unresolvable('No preemption victims found for incoming pod')

/** Who of the pods on one node may have to go. */
export type VictimsOf = (pods: readonly PlacedPod[]) => Victim[]

/** How many candidates to look for: a share of the nodes, in percent, but at least some. */
export interface CandidateLimits {
  readonly percentage: number
  readonly absolute: number
}

/** How a plugin preempts. */
export interface PreemptionRules {
  readonly limits: CandidateLimits
  readonly victimsOf: VictimsOf
  /** Whether victims, or what lets the pod fit, follow from more than the node that is tried. */
  readonly looksBeyondNode: boolean
  /** Whether the search begins at the first node, not at one by chance. */
  readonly startsAtFirst?: boolean
  /** Why a node has no victims, where the plugin has words of its own. */
  readonly noVictims?: (node: NodeIndex) => string
  /** What, beside the filters, keeps the pod off the node with all victims gone. */
  readonly refusal?: () => string | undefined
  /** What, beside the filters, has to hold for a victim to be given back. */
  readonly spares?: () => boolean
}

/**
 * Finds nodes where the pod fits once some pods are gone, spares all that it can, and takes the node where it hurts least.
 *
 * Source: Kubernetes v1.37, scheduler framework/preemption `Evaluator.Preempt`.
 */
export function preempt(context: PostFilterContext, rules: PreemptionRules): PostFilterResult {
  const { limits } = rules
  const helpful = context.helpful()
  const budgets = [...(context.cluster.objects('PodDisruptionBudget') as Iterable<PodDisruptionBudget>)]
  const failed: NodeIndex[] = []
  const errors = new Set<string>()
  const candidates: PreemptionCandidate[] = []
  const wanted = context.isExhaustive ? helpful.length : candidatesWanted(helpful.length, limits)
  const isFirst = helpful.length === 0 || rules.startsAtFirst === true
  const offset = isFirst ? 0 : context.offset(helpful.length)
  const body = (trial: Trial): Attempt => tryNode(context, trial, budgets, rules)
  // Budgets look beyond the node too.
  const isKnown = budgets.length === 0 && !rules.looksBeyondNode
  let spared = 0
  for (let i = 0; i < helpful.length && (spared === 0 || candidates.length < wanted); i++) {
    const node = helpful[(offset + i) % helpful.length] ?? 0
    const attempt = isKnown ? context.knownTrial(node, body) : context.trial(node, body)
    if (attempt === undefined) failed.push(node)
    else if ('error' in attempt) errors.add(attempt.error)
    else {
      candidates.push(attempt)
      if (attempt.disruptionBudgetViolations === 0) spared += 1
    }
  }
  if (candidates.length === 0 && errors.size > 0) return refused('Error', messageOf(errors), candidates)
  const failures = (): ReadonlyMap<NodeIndex, readonly string[]> =>
    new Map(failed.map((node) => [node, reasonsFor(context, node, rules)]))
  if (candidates.length === 0) {
    const message = (): string => preemptionMessage(context.cluster.order, failures())
    return { ...NOTHING, message, ...(context.isExhaustive ? { failures: failures() } : {}) }
  }
  const agreed = context.callExtenders(candidates)
  if ('error' in agreed) return refused('Error', agreed.error, candidates)
  const ties = bestCandidates(agreed)
  const [nominated] = ties
  if (nominated === undefined) return refused('Unschedulable', 'no candidate node for preemption', candidates)
  const name = context.cluster.nodes.name(nominated.node)
  const count = nominated.victims.length
  return {
    code: 'Success',
    message: `preemption: found a potential placement for pod on node ${name}, preempting ${count} victims`,
    nominated,
    candidates: agreed,
    ties,
    ...(context.isExhaustive ? { failures: failures() } : {}),
    clearNomination: false,
  }
}

/** Several errors are told of as apimachinery's `NewAggregate` does, each message once. */
function messageOf(errors: ReadonlySet<string>): string {
  const messages = [...errors]
  return messages.length === 1 ? messages.join() : `[${messages.join(', ')}]`
}

/** Extenders took all candidates away, or something failed. */
function refused(
  code: 'Error' | 'Unschedulable',
  message: string,
  candidates: readonly PreemptionCandidate[],
): PostFilterResult {
  return { code, message: `preemption: ${message}`, candidates, ties: [], clearNomination: false }
}

/** Source: `GetOffsetAndNumCandidates`: a share of the nodes, at least the absolute number, at most all. */
function candidatesWanted(nodeCount: number, limits: CandidateLimits): number {
  const share = Math.floor((nodeCount * limits.percentage) / 100)
  return Math.min(nodeCount, Math.max(share, limits.absolute))
}

/** What a trial of one node came to; undefined where preemption does not help. */
type Attempt = PreemptionCandidate | { readonly error: string } | undefined

/** Removes all victims of lower priority, then gives back all that can stay, most important first. */
function tryNode(
  context: PostFilterContext,
  trial: Trial,
  budgets: readonly PodDisruptionBudget[],
  { victimsOf, refusal, spares }: PreemptionRules,
): Attempt {
  const potential = removeVictims(trial, victimsOf)
  if (potential.length === 0) return undefined
  const rejection = trial.fits()
  if (rejection?.code === 'Error') return { error: rejection.reasons.join(', ') }
  if (rejection !== undefined || refusal?.() !== undefined) return undefined
  const sorted = [...potential].sort((one, other) => (isMoreImportantVictim(one, other) ? -1 : 1))
  const { violating, others } = splitByBudget(sorted, budgets)
  const taken: Victim[] = []
  const isTaken = (victim: Victim): boolean => {
    if (isSpared(victim, trial, () => trial.fits() === undefined && spares?.() !== false)) return false
    taken.push(victim)
    return true
  }
  let disruptionBudgetViolations = 0
  for (const [victim, count] of violating) if (isTaken(victim)) disruptionBudgetViolations += count
  for (const victim of others) isTaken(victim)
  if (taken.length === 0) {
    // Not the pods are in the way: an extender is, for one.
    const name = context.cluster.nodes.name(trial.node)
    return { error: `expected at least one victim pod on node "${name}"` }
  }
  taken.sort((one, other) => sorted.indexOf(one) - sorted.indexOf(other))
  const victims = taken.flatMap(({ pods }) => pods)
  return { node: trial.node, victims, disruptionBudgetViolations }
}

/** The victims of lower priority; the trial goes on without them. */
function removeVictims(trial: Trial, victimsOf: VictimsOf): readonly Victim[] {
  const potential = victimsOf(trial.pods())
  for (const { pods } of potential) for (const pod of pods) trial.remove(pod)
  return potential
}

/** Why removing pods does not help on a node that was tried. */
function reasonsFor(
  context: PostFilterContext,
  node: NodeIndex,
  { victimsOf, noVictims, refusal }: PreemptionRules,
): readonly string[] {
  return context.trial(node, (trial) => {
    if (removeVictims(trial, victimsOf).length === 0) {
      return noVictims === undefined ? NO_VICTIMS.reasons : [noVictims(node)]
    }
    const rejection = trial.fits()
    if (rejection === undefined) return [refusal?.() ?? []].flat()
    return rejection.reasons.length > 0 ? rejection.reasons : trial.reasons()
  })
}
