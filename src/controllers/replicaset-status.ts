import { compileLabelMap } from '../api/selectors.ts'
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'
import { labelMatcher } from './claim-pods.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Active pods of a ReplicaSet as they were when a round began. */
export interface ReplicaCounts {
  readonly replicas: number
  readonly fullyLabeledReplicas: number
  /** Since when each of the ready ones is ready, as the API says it. */
  readonly readySince: readonly Micros[]
}

/** What became of a round. */
export interface ReplicaRound {
  readonly counts: ReplicaCounts
  /** Undefined where the kind does not say how many pods are going. */
  readonly terminatingReplicas: number | undefined
  /** What went wrong when pods were created or deleted. */
  readonly error: string | undefined
  readonly now: Micros
  /** `now` as conditions say it. */
  readonly time: string
}

/** Counts the active pods of a set. */
export function countReplicas(
  parts: WorkloadParts,
  { spec }: ReplicaSet,
  rows: readonly PodRow[],
): ReplicaCounts {
  const { api } = parts
  const { table } = api.pods
  const isFullyLabeled = labelMatcher(parts, compileLabelMap(spec?.template?.metadata?.labels ?? {}))
  const readySince: Micros[] = []
  let fullyLabeledReplicas = 0
  for (const row of rows) {
    if (isFullyLabeled(row)) fullyLabeledReplicas += 1
    if (table.isReady(row)) readySince.push(api.calendar.wholeSecond(table.readyAt(row)))
  }
  return { replicas: rows.length, fullyLabeledReplicas, readySince }
}

/**
 * The status of a set after a round. A ready pod is available once it has been so for `minReadySeconds`.
 *
 * Source: kube-controller-manager v1.37, replicaset/replica_set_utils.go `calculateStatus`, and pkg/api/v1/pod
 * `IsPodAvailable`.
 */
export function replicaSetStatus(set: ReplicaSet, round: ReplicaRound): ReplicaSetStatus {
  const { counts, terminatingReplicas, now } = round
  const { conditions: _, terminatingReplicas: __, ...others } = set.status ?? { replicas: 0 }
  const minReady = minReadyOf(set)
  const conditions = failureConditions(set, round)
  return {
    ...others,
    replicas: counts.replicas,
    fullyLabeledReplicas: counts.fullyLabeledReplicas,
    readyReplicas: counts.readySince.length,
    availableReplicas: counts.readySince.filter((since) => since + minReady <= now).length,
    ...(terminatingReplicas === undefined ? {} : { terminatingReplicas }),
    ...(set.metadata?.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

/** Whether a status says the same as the one that is stored. */
export function isSameStatus(one: ReplicaSetStatus | undefined, other: ReplicaSetStatus): boolean {
  return (
    one !== undefined &&
    one.replicas === other.replicas &&
    one.fullyLabeledReplicas === other.fullyLabeledReplicas &&
    one.readyReplicas === other.readyReplicas &&
    one.availableReplicas === other.availableReplicas &&
    one.terminatingReplicas === other.terminatingReplicas &&
    one.observedGeneration === other.observedGeneration &&
    JSON.stringify(one.conditions ?? []) === JSON.stringify(other.conditions ?? [])
  )
}

/**
 * How long until the next pod becomes available by the mere passing of time; undefined if none will.
 *
 * Source: kube-controller-manager v1.37, controller_utils.go `FindMinNextPodAvailabilityCheck`, as `syncReplicaSet` uses it.
 */
export function nextAvailabilityCheck(
  set: ReplicaSet,
  { readySince }: ReplicaCounts,
  now: Micros,
): Micros | undefined {
  const minReady = minReadyOf(set)
  if (minReady === 0) return undefined
  let next: Micros | undefined
  for (const since of readySince) {
    const wait = since + minReady - now
    if (wait > 0 && (next === undefined || wait < next)) next = wait
  }
  return next
}

/** How long a pod of the set has to be ready until it is available. */
export function minReadyOf({ spec }: ReplicaSet): Micros {
  return (spec?.minReadySeconds ?? 0) * SECOND
}

/** The condition ReplicaFailure stays as it is while rounds fail, and goes with the first that does not. */
function failureConditions(
  set: ReplicaSet,
  { counts, error, time }: ReplicaRound,
): readonly ReplicaSetCondition[] {
  const present = set.status?.conditions ?? []
  const others = present.filter(({ type }) => type !== 'ReplicaFailure')
  if (error === undefined) return others
  if (others.length < present.length) return present
  const missing = counts.replicas - (set.spec?.replicas ?? 1)
  const reason = missing < 0 ? 'FailedCreate' : 'FailedDelete'
  return [
    ...others,
    { type: 'ReplicaFailure', status: 'True', reason, message: error, lastTransitionTime: time },
  ]
}
