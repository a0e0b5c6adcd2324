import { assert } from '../base/assert.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Cycle } from './cycle.ts'
import { ExtenderFailure } from './extenders.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type {
  ExplainedTrial,
  PostFilterContext,
  PostFilterResult,
  PreemptionCandidate,
} from './framework/post-filter.ts'
import type { NumberTrials } from './number-trials.ts'
import { onTrial } from './on-trial.ts'
import { pluginFailure } from './plugin-call.ts'
import type { RowPod } from './pod-shapes.ts'
import type { PluginIndex } from './profile.ts'

/** Tries every node, from the first on: for records that leave the random offset out. */
export const EXHAUSTIVE: PostFilterSearch = {
  offset: () => 0,
  isExhaustive: true,
}

/** How PostFilter searches: from where on and how far, and with trials by numbers where these can tell. */
export interface PostFilterSearch extends Pick<PostFilterContext, 'offset' | 'isExhaustive'> {
  readonly trials?: NumberTrials | undefined
}

/** What PostFilter came to, and the plugin that succeeded or failed; the first one when none had anything to offer. */
export type PostFilterOutcome = PostFilterResult & { readonly plugin: string }

/** The message of PostFilter, as long as nothing has changed. */
export function messageOf({ message }: Pick<PostFilterResult, 'message'>): string {
  return typeof message === 'string' ? message : message()
}

/**
 * Runs the PostFilter plugins of the cycle's profile: the first that succeeds or fails, or the last one's word, with the
 * messages of those before.
 */
export function runPostFilters(cycle: Cycle, search: PostFilterSearch): PostFilterOutcome | undefined {
  let last: PostFilterOutcome | undefined
  for (const index of cycle.profile.postFilter) {
    const plugin = cycle.profile.plugins[index]
    if (plugin?.postFilter === undefined) continue
    try {
      const context = contextOf(cycle, index, search)
      const result = plugin.postFilter(cycle.podClass.terms[index], context, cycle.stateOf(index))
      const { name } = plugin
      last = last === undefined ? { ...result, plugin: name } : merged(last, { ...result, plugin: name })
    } catch (error) {
      throw pluginFailure(plugin.name, 'postFilter', error, {
        pod: cycle.cluster.shapes.keyOf(cycle.pod),
      })
    }
    if (last.code !== 'Unschedulable') return last
  }
  return last
}

/** What a plugin said after others that had nothing to offer. */
function merged(before: PostFilterOutcome, result: PostFilterOutcome): PostFilterOutcome {
  const messages = (): string[] => [messageOf(before), messageOf(result)].filter((message) => message !== '')
  const isNothing = result.code === 'Unschedulable'
  return {
    ...result,
    ...(isNothing && result.candidates.length === 0 ? explained(before) : {}),
    plugin: isNothing ? before.plugin : result.plugin,
    message: isNothing ? () => messages().join(', ') : result.message,
    clearNomination: before.clearNomination || result.clearNomination,
    updated: [...(before.updated ?? []), ...(result.updated ?? [])],
    deleted: [...(before.deleted ?? []), ...(result.deleted ?? [])],
  }
}

/** What explanations tell of a result. */
function explained({ candidates, ties, failures }: PostFilterResult): Partial<PostFilterResult> {
  return { candidates, ties, ...(failures === undefined ? {} : { failures }) }
}

function contextOf(cycle: Cycle, index: PluginIndex, search: PostFilterSearch): PostFilterContext {
  const { cluster } = cycle
  const { trials } = search
  const nominated = cluster.nominations.nodeOf(cycle.pod)
  return {
    cluster,
    pod: cycle.podClass.shape,
    identity: cluster.shapes.identityOf(cycle.pod),
    isPrepared: cycle.isPrepared(index),
    rejection: (node) => rejectionOf(cycle, node),
    nominatedNode: nominated === NO_NODE ? undefined : nominated,
    helpful: () => trials?.helpful() ?? helpfulNodes(cycle),
    trial: (node, body) => runTrial(cycle, node, body),
    knownTrial: (node, body) =>
      trials?.covers(node) === true ? trials.run(index, node, body) : runTrial(cycle, node, body),
    callExtenders: (candidates) => callExtenders(cycle, candidates),
    offset: search.offset,
    isExhaustive: search.isExhaustive,
  }
}

function helpfulNodes(cycle: Cycle): readonly NodeIndex[] {
  return cycle.cluster.order.filter((node) => rejectionOf(cycle, node)?.code === 'Unschedulable')
}

function callExtenders(
  cycle: Cycle,
  candidates: readonly PreemptionCandidate[],
): ReturnType<PostFilterContext['callExtenders']> {
  try {
    return cycle.extenders.preempt(cycle, candidates)
  } catch (error) {
    if (error instanceof ExtenderFailure) return { error: error.message }
    throw error
  }
}

function rejectionOf(cycle: Cycle, node: NodeIndex): ReturnType<PostFilterContext['rejection']> {
  const whole = cycle.preFilterRejection?.rejection
  if (whole?.code === 'Unschedulable') return whole
  const allowed = cycle.allowedNames
  if (allowed !== undefined && !allowed.has(cycle.cluster.nodes.name(node))) return cycle.leftOutReason()
  return cycle.rejectionOf(node)?.rejection
}

function runTrial<Result>(cycle: Cycle, node: NodeIndex, body: (trial: ExplainedTrial) => Result): Result {
  return onTrial(cycle.cluster.nodes, () => changeAndUndo(cycle, node, body))
}

/** Changes the view under the body and undoes it after, whatever the body did. */
function changeAndUndo<Result>(
  cycle: Cycle,
  node: NodeIndex,
  body: (trial: ExplainedTrial) => Result,
): Result {
  const { cluster } = cycle
  const { nodes } = cluster
  /** Pods that were taken off the node, with their devices. */
  const removed = new Map<PodRow, number>()
  /** Pods on other nodes that are counted as removed: only what looks at other nodes sees that. */
  const elsewhere = new Set<PodRow>()
  const ports = [...nodes.hostPorts(node)]
  const rows = nodes.podRows(node)
  let placed = nodes.pods(node)
  const add = (row: PodRow): void => {
    const devices = removed.get(row)
    if (devices === undefined) {
      assert(elsewhere.delete(row), 'a trial adds a pod that it did not remove')
      cycle.updateStates(row, nodes.placementOf(row), 1)
      return
    }
    nodes.addPod(row, node as NodeRow, devices)
    cycle.updateStates(row, node, 1)
    removed.delete(row)
  }
  const trial: ExplainedTrial = {
    node,
    pods: () => placed.filter(({ row }) => !removed.has(row)),
    remove(pod) {
      const { row } = pod as RowPod
      assert(!removed.has(row) && !elsewhere.has(row), 'a trial removes a pod twice')
      if (nodes.placementOf(row) !== node) {
        elsewhere.add(row)
        cycle.updateStates(row, nodes.placementOf(row), -1)
        return
      }
      removed.set(row, nodes.devicesOf(row))
      nodes.removePod(row)
      nodes.ports.free(node, cluster.shapes.baseOf(row))
      cycle.updateStates(row, node, -1)
    },
    add(pod) {
      add((pod as RowPod).row)
    },
    fits: () => cycle.checkOnTrial(node),
    reasons: () => cycle.reasonsOnTrial(node),
  }
  const result = body(trial)
  for (const row of [...removed.keys(), ...elsewhere]) add(row)
  nodes.restoreOrder(node, rows)
  if (ports.length > 0) nodes.ports.restore(node, ports)
  placed = []
  return result
}
