import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { Cell } from '../report/csv.ts'
import type { LossOutcome, Survival, WorkloadSurvival } from './survive.ts'

/** Columns of survive.csv; docs/survive.md describes them. */
export const SURVIVAL_COLUMNS = [
  'question',
  'loss',
  'lost_nodes',
  'kind',
  'namespace',
  'name',
  'replicas',
  'wanted_ready',
  'wanted_by',
  'ready_before',
  'lost_replicas',
  'least_ready',
  'ready_at_horizon',
  'whole_after_s',
  'unavailability_replica_s',
  'verdict',
  'reason',
] as const

/** Rows of survive.csv: one a loss and workload. */
export function survivalRows(survivals: readonly Survival[]): readonly (readonly Cell[])[] {
  return survivals.flatMap(({ question, outcomes }) =>
    outcomes.flatMap(({ name, nodes, workloads }) =>
      workloads.map((one) => [question, name, nodes.length, ...workloadCells(one)]),
    ),
  )
}

function workloadCells(one: WorkloadSurvival): readonly Cell[] {
  return [
    one.kind,
    one.namespace,
    one.name,
    one.replicas,
    one.wanted,
    one.wantedBy,
    one.before,
    one.lost,
    one.least,
    one.now,
    maybeSeconds(one.wholeAfter),
    one.missing / SECOND,
    one.verdict,
    one.reason,
  ]
}

/** The same as data: times in seconds, cpu in millicores, memory in bytes. */
export function survivalJson(survivals: readonly Survival[]): string {
  const content = survivals.map(({ question, at, horizon, losses, outcomes }) => ({
    question,
    at: at / SECOND,
    horizon: horizon / SECOND,
    losses,
    tried: outcomes.length,
    outcomes: outcomes.map(outcomeJson),
  }))
  return `${JSON.stringify(content, undefined, 2)}\n`
}

function outcomeJson({ name, nodes, room, workloads }: LossOutcome): object {
  return {
    loss: name,
    nodes,
    room,
    workloads: workloads.map((one) => ({
      kind: one.kind,
      namespace: one.namespace,
      name: one.name,
      replicas: one.replicas,
      wantedReady: one.wanted,
      wantedBy: one.wantedBy,
      readyBefore: one.before,
      lostReplicas: one.lost,
      leastReady: one.least,
      readyAtHorizon: one.now,
      wholeAfter: maybeSeconds(one.wholeAfter),
      unavailability: one.missing / SECOND,
      verdict: one.verdict,
      reason: one.reason,
    })),
  }
}

function maybeSeconds(span: Micros | undefined): number | undefined {
  return span === undefined ? undefined : span / SECOND
}
