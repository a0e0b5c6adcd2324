import { SECOND, formatDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { evaluatePod } from '../../scheduler/conformance/evaluate.ts'
import type { Evaluation, EvaluationOutcome } from '../../scheduler/conformance/evaluate.ts'
import { Cycle } from '../../scheduler/cycle.ts'
import type { NodeVerdict } from '../../scheduler/decision.ts'
import type { PostFilterResult } from '../../scheduler/framework/post-filter.ts'
import type { PodClass } from '../../scheduler/pod-class.ts'
import type { Profile } from '../../scheduler/profile.ts'
import type { Scheduler } from '../../scheduler/scheduler.ts'
import { changesOf } from './changes.ts'
import type {
  Change,
  ExplainedPreemption,
  ExplainedScore,
  Explanation,
  FeasibleNode,
  Obstacle,
  PreemptionOutcome,
  RejectedNode,
  SeenDecision,
} from './explanation.ts'
import { obstacleOf } from './remedies.ts'
import { absentNodeChanges, stopChanges } from './stop-remedies.ts'

/** What is the same in every explanation of a pod. */
export interface ExplainedPod {
  readonly pod: string
  readonly now: Micros
  readonly decisions: readonly SeenDecision[]
  readonly notes: readonly string[]
}

/** What preemption leaves out: nodes on which removing pods does not help. */
const NOT_HELPFUL = 'Preemption is not helpful for scheduling'

/** Of a pod that has no cycle: refused by admission, or meant for a scheduler that is not there. */
export function explainNoCycle(
  about: ExplainedPod,
  outcome: 'ignored' | 'refused',
  message: string,
): Explanation {
  return { ...baseOf(about, outcome, 'as-it-stands'), message }
}

/** Runs a cycle over all nodes as the cluster stands, with every candidate of preemption, and says what it found. */
export function explainAsItStands(about: ExplainedPod, scheduler: Scheduler, row: PodRow): Explanation {
  const { cluster } = scheduler
  const { schedulerName } = cluster.api.pods.infoOf(row)
  const profile = scheduler.profiles.get(schedulerName)
  if (profile === undefined) {
    const known = [...scheduler.profiles.keys()].join(', ')
    return explainNoCycle(about, 'ignored', `no scheduler is named ${schedulerName}: known are ${known}`)
  }
  const podClass = profile.classOf(cluster.shapes.shapeOf(row))
  const cycle = new Cycle(cluster)
  const asked = { row, key: about.pod, profile, podClass }
  const isGrouped = scheduler.queue.get(row)?.podGroup !== undefined
  return scheduler.amongGroup(row, (whyNot) => {
    const evaluated = evaluatePod(cycle, asked, !isGrouped, scheduler.cluster.groups)
    const permitted = evaluated.feasible.length > 0 ? permitNotes(scheduler, asked) : []
    const group = whyNot === '' ? [] : [`its PodGroup is not scheduled: ${whyNot}`]
    const notes = [...about.notes, ...group, ...permitted]
    return explainEvaluated({ ...about, notes }, scheduler, { ...asked, cycle }, evaluated)
  })
}

/** What Permit would say of a pod that was given a node: then it counts as one that has one. */
function permitNotes(
  { cluster }: Scheduler,
  { row, profile, podClass }: Pick<EvaluatedPod, 'row' | 'profile' | 'podClass'>,
): readonly string[] {
  const { groups, nodes } = cluster
  const isPlaced = nodes.placementOf(row) !== NO_NODE
  groups.setScheduled(row, true)
  const notes = profile.permit.flatMap((index): readonly string[] => {
    const plugin = profile.plugins[index]
    const name = plugin?.name ?? ''
    const word = plugin?.permit?.(podClass.terms[index], groups)
    if (word === undefined) return []
    if ('reject' in word) return [`${name} would reject it there: ${word.reject.reasons.join(', ')}`]
    return [`${name} would let it wait there for its PodGroup, for ${formatDuration(word.timeout)} at most`]
  })
  if (!isPlaced) groups.setScheduled(row, false)
  return notes
}

/** A pod that was evaluated, and the cycle that did it. */
interface EvaluatedPod {
  readonly row: PodRow
  readonly profile: Profile
  readonly podClass: PodClass
  readonly cycle: Cycle
}

/** `cycle` is that of the pod, unless it is gated, and the cluster is as it was evaluated. */
function explainEvaluated(
  about: ExplainedPod,
  scheduler: Scheduler,
  { cycle, profile, podClass, row }: EvaluatedPod,
  { record, postFilter }: EvaluationOutcome,
): Explanation {
  const { cluster } = scheduler
  const nodeCount = cluster.searchOrder.length
  const changesFor = (status: { plugin?: string; reasons?: readonly string[] }): readonly Change[] =>
    stopChanges({
      plugin: status.plugin ?? '',
      reasons: status.reasons ?? [],
      shape: podClass.shape,
      identity: cluster.shapes.identityOf(row),
      cluster,
      groups: scheduler.cluster.groups,
    })
  if (record.gated !== undefined) {
    const { plugin = '', reasons = [] } = record.gated
    const changes = changesFor(record.gated)
    const gated = { message: reasons.join(', '), stoppedBy: plugin, nodeCount, changes }
    return { ...baseOf(about, 'gated', 'as-it-stands'), ...gated }
  }
  const stopped = record.preFilter?.code === 'Success' ? undefined : record.preFilter
  const feasible = feasibleOf(record, profile)
  const preemption = (name: string): PreemptionOutcome | undefined =>
    postFilter === undefined ? undefined : preemptionOn(name, postFilter, scheduler)
  const rejected = stopped === undefined ? rejectedOf(record, cycle, preemption) : []
  return {
    ...baseOf(about, feasible.length > 0 ? 'fits' : 'unschedulable', 'as-it-stands'),
    nodeCount,
    node: record.node ?? '',
    message: record.message ?? record.fitError ?? '',
    stoppedBy: stopped?.plugin ?? '',
    feasible,
    ties: record.tieSet ?? [],
    rejected,
    changes:
      stopped === undefined
        ? [...absentNodeChanges(cycle.allowedNames, cluster), ...changesOf(rejected)]
        : changesFor(stopped),
    preemption: postFilter === undefined ? undefined : preemptionSummary(record),
  }
}

/** Says what a decision that was recorded with details had found. `node` is where the pod was bound. */
export function explainDecision(
  about: ExplainedPod,
  decision: { readonly at: Micros; readonly node: string; readonly verdicts: readonly NodeVerdict[] },
  nodes: { readonly nameOf: (verdict: NodeVerdict) => string; readonly count: number },
): Explanation {
  const looked = decision.verdicts
  const passed = looked.filter(({ code }) => code === 'Success')
  const feasible = ranked(
    passed.map((verdict) => ({
      node: nodes.nameOf(verdict),
      scores: verdict.scores.map((score) => ({ ...score, weighted: score.normalized * score.weight })),
    })),
  )
  const best = feasible[0]?.total
  const rejected = looked.filter(({ code }) => code !== 'Success')
  return {
    ...baseOf({ ...about, now: decision.at }, 'fits', 'decision'),
    node: decision.node,
    nodeCount: nodes.count,
    feasible,
    ties: feasible.filter(({ total }) => total === best).map(({ node }) => node),
    rejected: rejected.map((verdict) => ({
      node: nodes.nameOf(verdict),
      code: verdict.code,
      plugin: verdict.plugin,
      reasons: verdict.reasons,
      obstacles: [],
      preemption: undefined,
    })),
    notLookedAt: nodes.count - looked.length,
  }
}

/** An explanation that says nothing yet. */
function baseOf(
  { pod, now, decisions, notes }: ExplainedPod,
  outcome: Explanation['outcome'],
  basis: Explanation['basis'],
): Explanation {
  return {
    pod,
    outcome,
    basis,
    at: now / SECOND,
    node: '',
    message: '',
    stoppedBy: '',
    nodeCount: 0,
    feasible: [],
    ties: [],
    rejected: [],
    notLookedAt: 0,
    changes: [],
    preemption: undefined,
    decisions,
    notes,
  }
}

function feasibleOf(record: Evaluation, profile: Profile): readonly FeasibleNode[] {
  return ranked(
    Object.entries(record.scores ?? {}).map(([node, { plugins }]) => ({
      node,
      scores: Object.entries(plugins).map(([plugin, [raw, normalized, weighted]]): ExplainedScore => {
        const weight = profile.weights[profile.indexOf(plugin)] ?? 1
        return { plugin, raw, normalized, weight, weighted }
      }),
    })),
  )
}

/** Best first, then by name. */
function ranked(
  found: readonly { readonly node: string; readonly scores: readonly ExplainedScore[] }[],
): readonly FeasibleNode[] {
  const totals = found.map(({ node, scores }) => {
    const total = scores.length === 0 ? undefined : scores.reduce((sum, one) => sum + one.weighted, 0)
    return { node, scores, total }
  })
  const best = Math.max(...totals.map(({ total }) => total ?? 0))
  return totals
    .map((one) => ({ ...one, behind: best - (one.total ?? best) }))
    .sort((one, other) => one.behind - other.behind || compareText(one.node, other.node))
}

function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function rejectedOf(
  record: Evaluation,
  cycle: Cycle,
  preemption: (node: string) => PreemptionOutcome | undefined,
): readonly RejectedNode[] {
  const { nodes } = cycle.cluster
  const found = cycle.cluster.searchOrder.flatMap((index) => {
    const node = nodes.name(index)
    const status = record.filter?.[node]
    if (status === undefined || status.code === 'Success') return []
    const { shape } = cycle.podClass
    const obstacles = cycle.obstaclesOf(index).map((one) => obstacleOf(one, shape, index, nodes))
    const { code, plugin = '', reasons = [] } = status
    const isLeftOut = plugin === ''
    const leftOut: Obstacle = { plugin, code, reasons, missing: [], remedy: '' }
    const all = isLeftOut && obstacles.length === 0 ? [leftOut] : obstacles
    return [{ node, code, plugin, reasons, obstacles: all, preemption: preemption(node) }]
  })
  return found.sort(
    (one, other) =>
      one.obstacles.length - other.obstacles.length ||
      unresolvable(one) - unresolvable(other) ||
      missingShare(one) - missingShare(other) ||
      compareText(one.node, other.node),
  )
}

/** Obstacles that removing pods does not take away. */
function unresolvable({ obstacles }: RejectedNode): number {
  return obstacles.filter(({ code }) => code === 'UnschedulableAndUnresolvable').length
}

/** Sum over the resources of what is missing as a share of what is asked. */
function missingShare({ obstacles }: RejectedNode): number {
  const shares = obstacles.flatMap(({ missing }) =>
    missing.map((one) => one.missing / Math.max(1, one.asked)),
  )
  return shares.reduce((sum, share) => sum + share, 0)
}

function preemptionOn(
  name: string,
  result: PostFilterResult,
  scheduler: Scheduler,
): PreemptionOutcome | undefined {
  const { cluster } = scheduler
  const node = cluster.nodeNamed(name)
  if (node === undefined) return undefined
  const candidate = result.candidates.find((one) => one.node === node)
  if (candidate !== undefined) {
    const victims = candidate.victims.map((victim) => victim.key)
    return { candidate: true, victims, budgetViolations: candidate.disruptionBudgetViolations }
  }
  if (result.failures === undefined) return undefined
  return { candidate: false, reasons: result.failures.get(node) ?? [NOT_HELPFUL] }
}

function preemptionSummary({ postFilter }: Evaluation): ExplainedPreemption | undefined {
  if (postFilter === undefined) return undefined
  const { message, nominatedNode = '', victims = [], tieSet = [] } = postFilter
  return { message, nominatedNode, victims, ties: tieSet }
}
