import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { Cycle } from '../cycle.ts'
import type { PluginScores } from '../scoring.ts'
import { diagnosisOf, fitErrorMessage } from '../fit-error.ts'
import { gateOf } from '../gate.ts'
import type { PodGroupLister } from '../framework/pod-groups.ts'
import type { NodeIndex } from '../framework/node-columns.ts'
import type { PostFilterResult } from '../framework/post-filter.ts'
import type { PodClass } from '../pod-class.ts'
import type { PluginIndex, Profile } from '../profile.ts'
import { EXHAUSTIVE, messageOf, runPostFilters } from '../trial-runner.ts'
import type { PostFilterOutcome } from '../trial-runner.ts'
import type { StatusRecord } from './case.ts'

/** Message when the cluster has no node at all (kube-scheduler v1.37, `ErrNoNodesAvailable`). */
const NO_NODES = 'no nodes available to schedule pods'

/** Everything that one scheduling cycle decides about a pod, with all nodes looked at. */
export interface Evaluation {
  readonly pod: string
  readonly gated?: StatusRecord
  readonly preFilter?: StatusRecord & {
    readonly nodes: readonly string[] | null
    readonly nodesPlugins?: readonly string[]
    readonly skipped: readonly string[]
  }
  readonly filter?: Readonly<Record<string, StatusRecord>>
  readonly scores?: Readonly<Record<string, NodeScores>>
  readonly scoreSkipped?: readonly string[]
  readonly tieSet?: readonly string[]
  readonly node?: string
  readonly fitError?: string
  readonly postFilter?: PostFilterRecord
  readonly message?: string
}

interface NodeScores {
  readonly total: number
  readonly plugins: Readonly<Record<string, readonly [number, number, number]>>
}

interface PostFilterRecord {
  readonly code: string
  readonly plugin: string
  readonly nominatedNode?: string
  readonly victims?: readonly string[]
  readonly tieSet?: readonly string[]
  readonly candidates?: Readonly<Record<string, { victims: readonly string[]; numPDBViolations: number }>>
  readonly message: string
}

/** What an evaluation leaves for a caller that places the pod. */
export interface EvaluationOutcome {
  readonly record: Evaluation
  readonly feasible: readonly NodeIndex[]
  /** Chosen node, before preemption; `NO_NODE` when none was feasible. */
  readonly node: NodeIndex
  readonly postFilter: PostFilterResult | undefined
}

/**
 * Evaluates one pod against the cluster as it stands. `withPostFilter` false leaves preemption out; `groups` are the
 * pod groups that PreEnqueue sees, none by default.
 */
export function evaluatePod(
  cycle: Cycle,
  pod: { readonly row: PodRow; readonly key: string; readonly profile: Profile; readonly podClass: PodClass },
  withPostFilter: boolean,
  groups?: PodGroupLister,
): EvaluationOutcome {
  const gate = gateOf({ ...pod, kin: pod.podClass }, cycle.cluster, groups)
  const nothing = { feasible: [], node: NO_NODE, postFilter: undefined }
  if (gate !== undefined) {
    const { code, reasons } = gate.rejection
    const gateCode = code
    return { ...nothing, record: { pod: pod.key, gated: { code: gateCode, plugin: gate.plugin, reasons } } }
  }
  cycle.begin(pod.profile, pod.podClass, pod.row)
  const rejected = cycle.preFilter()
  const preFilter = preFilterRecord(cycle, rejected)
  if (rejected !== undefined) {
    return failed(cycle, { pod: pod.key, preFilter }, withPostFilter)
  }
  const feasible = cycle.candidates().filter((node) => cycle.check(node) === undefined)
  const { error } = cycle
  if (error !== undefined) {
    const message = `running "${error.plugin}" filter plugin: ${error.rejection.reasons.join(', ')}`
    return { ...nothing, record: { pod: pod.key, preFilter, message } }
  }
  const base = { pod: pod.key, preFilter, filter: filterRecord(cycle) }
  if (feasible.length === 0) return failed(cycle, base, withPostFilter)
  return succeeded(cycle, base, feasible)
}

function preFilterRecord(
  cycle: Cycle,
  rejected: ReturnType<Cycle['preFilter']>,
): NonNullable<Evaluation['preFilter']> {
  const skipped = cycle.profile.plugins.flatMap((plugin, index) =>
    cycle.isSkipped(index) ? [plugin.name] : [],
  )
  const nodes = cycle.allowedNames === undefined ? null : [...cycle.allowedNames].sort()
  const nodesPlugins = cycle.restrictedBy
  if (rejected === undefined) return { code: 'Success', nodes, nodesPlugins, skipped: skipped.sort() }
  const { code, reasons } = rejected.rejection
  return { code, plugin: rejected.plugin, reasons, nodes: null, skipped: skipped.sort() }
}

function filterRecord(cycle: Cycle): Record<string, StatusRecord> {
  const record: Record<string, StatusRecord> = {}
  const { nodes, order } = cycle.cluster
  for (const node of order) {
    const name = nodes.name(node)
    const found = cycle.rejectionOf(node)
    if (found !== undefined) {
      record[name] = {
        code: found.rejection.code,
        plugin: found.plugin,
        reasons: [...cycle.reasonsOf(node)].sort(),
      }
    } else if (cycle.allowedNames !== undefined && !cycle.allowedNames.has(name)) {
      const { code, reasons } = cycle.leftOutReason()
      record[name] = { code, reasons }
    } else record[name] = { code: 'Success' }
  }
  return record
}

function succeeded(cycle: Cycle, base: Evaluation, feasible: readonly NodeIndex[]): EvaluationOutcome {
  const { nodes, nominations } = cycle.cluster
  const details: PluginScores[] = []
  const totals = cycle.score(feasible, { details })
  const scores: Record<string, NodeScores> = {}
  feasible.forEach((node, position) => {
    const plugins: Record<string, readonly [number, number, number]> = {}
    for (const { plugin, raw, normalized, weight } of details) {
      const value = normalized[position] ?? 0
      plugins[plugin] = [raw[position] ?? 0, value, value * weight]
    }
    scores[nodes.name(node)] = { total: totals[position] ?? 0, plugins }
  })
  const nominated = nominations.nodeOf(cycle.pod)
  const best = Math.max(...totals)
  const ties = feasible.includes(nominated)
    ? [nominated]
    : feasible.filter((_, position) => totals[position] === best)
  const tieSet = ties.map((node) => nodes.name(node)).sort()
  const node = ties.find((tie) => nodes.name(tie) === tieSet[0]) ?? NO_NODE
  const scored = new Set(details.map((detail) => detail.plugin))
  const { profile } = cycle
  const scoreless = profile.preScore.filter((index) => !profile.score.includes(index))
  const scoreSkipped = [...profile.score, ...scoreless.filter((index) => skips(cycle, index, feasible))]
    .map((index) => profile.plugins[index]?.name ?? '')
    .filter((name) => !scored.has(name))
    .sort()
  const record = { ...base, scores, scoreSkipped, tieSet, node: tieSet[0] ?? '' }
  return { record, feasible, node, postFilter: undefined }
}

/** Whether PreScore of a plugin finds nothing to do for the pod. */
function skips(cycle: Cycle, index: PluginIndex, feasible: readonly NodeIndex[]): boolean {
  const { cluster, podClass, profile } = cycle
  const plugin = profile.plugins[index]
  const term = podClass.terms[index]
  if (plugin?.ranks?.(term) === false) return true
  const identity = cluster.shapes.identityOf(cycle.pod)
  const prepared = plugin?.prepareScore?.(term, cluster, feasible, identity, cycle.stateOf(index))
  return prepared !== undefined && 'skip' in prepared
}

function failed(cycle: Cycle, base: Evaluation, withPostFilter: boolean): EvaluationOutcome {
  const outcome = { feasible: [], node: NO_NODE, postFilter: undefined }
  if (cycle.cluster.order.length === 0) {
    return { ...outcome, record: { ...base, fitError: NO_NODES, message: NO_NODES } }
  }
  const diagnosis = diagnosisOf(cycle)
  const fitError = fitErrorMessage(diagnosis)
  if (!withPostFilter) return { ...outcome, record: { ...base, fitError } }
  const result = runPostFilters(cycle, EXHAUSTIVE)
  const message = fitErrorMessage(diagnosis, result === undefined ? '' : messageOf(result))
  const record = { ...base, fitError, message }
  if (result === undefined) return { ...outcome, record }
  return {
    ...outcome,
    record: { ...record, postFilter: postFilterRecord(cycle, result) },
    postFilter: result,
  }
}

function postFilterRecord(cycle: Cycle, result: PostFilterOutcome): PostFilterRecord {
  const { nodes } = cycle.cluster
  const candidates: Record<string, { victims: readonly string[]; numPDBViolations: number }> = {}
  for (const candidate of result.candidates) {
    candidates[nodes.name(candidate.node)] = {
      victims: candidate.victims.map((victim) => victim.key).sort(),
      numPDBViolations: candidate.disruptionBudgetViolations,
    }
  }
  const { code, plugin, nominated } = result
  if (nominated === undefined) return { code, plugin, message: messageOf(result) }
  const ties = result.ties.map((tie) => nodes.name(tie.node)).sort()
  const name = ties[0] ?? nodes.name(nominated.node)
  return {
    code,
    plugin,
    nominatedNode: name,
    victims: candidates[name]?.victims ?? [],
    tieSet: ties,
    candidates,
    message: messageOf(result),
  }
}
