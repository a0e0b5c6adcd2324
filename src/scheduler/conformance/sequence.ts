import { NO_NODE } from '../../cluster/rows.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { SECOND } from '../../base/time.ts'
import type { Cycle } from '../cycle.ts'
import type { RowPod } from '../pod-shapes.ts'
import { evaluatePod } from './evaluate.ts'
import type { EvaluationOutcome } from './evaluate.ts'
import { timeOf } from './load-cluster.ts'
import type { PendingPod } from './pending-pod.ts'

/** Largest tie set that a sequence prints. */
const TIES_SHOWN_MAX = 16
/** Start time of the pod of step 0; each later step starts a second later. */
const FIRST_START = '2030-01-01T00:00:00Z'

/** One step of a sequence, as the cases print it. */
export type SequenceStep = Readonly<Record<string, unknown>>

/** Schedules pods one after another, each seeing those before it, the first by name among equals. */
export function runSequence(cycle: Cycle, pending: readonly PendingPod[]): SequenceStep[] {
  const queue = pending
    .map((pod, arrival) => ({ pod, arrival }))
    .sort((one, other) => other.pod.priority - one.pod.priority || one.arrival - other.arrival)
  const firstStart = timeOf(FIRST_START) ?? 0
  return queue.map(({ pod }, index) => runStep(cycle, pod, firstStart + index * SECOND))
}

function runStep(cycle: Cycle, pending: PendingPod, startAt: number): SequenceStep {
  const { key, row, profile, podClass } = pending
  if (profile === undefined || podClass === undefined) return { pod: key, ignored: true }
  const outcome = evaluatePod(cycle, { key, row, profile, podClass }, true)
  const { record } = outcome
  if (record.gated !== undefined) return { pod: key, gated: record.gated }
  if (outcome.node !== NO_NODE) {
    const isNominated = cycle.cluster.nominations.nodeOf(row) === outcome.node
    const total = isNominated ? 0 : record.scores?.[record.node ?? '']?.total
    place(cycle, row, outcome.node as NodeRow, startAt)
    return {
      ...base(outcome, key),
      node: record.node,
      ...(total === 0 ? {} : { total }),
      ...ties(record.tieSet),
    }
  }
  const { nominated } = outcome.postFilter ?? {}
  const message = record.message
  if (nominated === undefined) return { ...base(outcome, key), message }
  const chosen = record.postFilter?.nominatedNode ?? ''
  preempt(cycle, row, outcome, chosen)
  place(cycle, row, cycle.cluster.nodeNamed(chosen) as NodeRow, startAt)
  const victims = record.postFilter?.victims
  return {
    ...base(outcome, key),
    node: chosen,
    message,
    preempted: true,
    victims,
    ...ties(record.postFilter?.tieSet),
  }
}

function base(outcome: EvaluationOutcome, key: string): { pod: string; feasible: number } {
  return { pod: key, feasible: outcome.feasible.length }
}

function ties(tieSet: readonly string[] | undefined): { tieSetSize?: number; tieSet?: readonly string[] } {
  if (tieSet === undefined) return {}
  return tieSet.length > TIES_SHOWN_MAX
    ? { tieSetSize: tieSet.length }
    : { tieSetSize: tieSet.length, tieSet }
}

function place(cycle: Cycle, row: PodRow, node: NodeRow, startAt: number): void {
  const { cluster } = cycle
  cluster.nominations.remove(row)
  cluster.assumed.assume(cycle.reserve(node).objects)
  cluster.api.pods.table.setBoundAt(row, startAt)
  cluster.nodes.addPod(row, node, 0)
}

/** The victims leave at once, and lower nominations on the node end. */
function preempt(cycle: Cycle, row: PodRow, outcome: EvaluationOutcome, nodeName: string): void {
  const { cluster } = cycle
  const { table } = cluster.api.pods
  const node = cluster.nodeNamed(nodeName) as NodeRow
  const candidate = outcome.postFilter?.candidates.find((one) => one.node === node)
  for (const victim of candidate?.victims ?? []) {
    cluster.nodes.removePod((victim as RowPod).row)
    cluster.api.pods.remove((victim as RowPod).row)
  }
  for (const other of [...cluster.nominations.on(node)]) {
    if (table.priority(other) < table.priority(row)) cluster.nominations.remove(other)
  }
}
