import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../api/types.generated.ts'
import type { Calendar } from '../base/calendar.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { fencepostsOf, replicasOf } from './deployment-fenceposts.ts'
import { allOf, statusSum, wantedReplicas } from './deployment-sets.ts'
import type { DeploymentSets } from './deployment-sets.ts'

/** What the API server puts where a Deployment says nothing. */
const DEFAULT_PROGRESS_DEADLINE = 600
/** A number that stands for none. */
const NO_LIMIT = 2 ** 31 - 1

/** A condition that is to be set. */
export interface NewCondition {
  readonly type: 'Available' | 'Progressing' | 'ReplicaFailure'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** What the time is, and how conditions say it. */
export interface StatusClock {
  readonly now: Micros
  readonly calendar: Calendar
}

type Conditions = readonly DeploymentCondition[]

/** The condition of a type. */
export function conditionOf(
  status: DeploymentStatus | undefined,
  type: NewCondition['type'],
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

/**
 * Conditions with one more: it replaces that of its type, unless status and reason are the same; its transition is as long ago
 * as the status has been so. Source: deployment_util.go `SetDeploymentCondition`, v1.37.
 */
export function withCondition(
  conditions: Conditions = [],
  condition: NewCondition,
  { now, calendar }: StatusClock,
): Conditions {
  const time = calendar.format(now)
  return withTimedCondition(conditions, { ...condition, lastUpdateTime: time, lastTransitionTime: time })
}

/** Conditions without that of a type. */
export function withoutCondition(conditions: Conditions = [], type: NewCondition['type']): Conditions {
  return conditions.filter((condition) => condition.type !== type)
}

/** How long a rollout may stand still; undefined if for ever. */
export function progressDeadlineOf({ spec }: Deployment): Micros | undefined {
  const seconds = spec?.progressDeadlineSeconds ?? DEFAULT_PROGRESS_DEADLINE
  return seconds === NO_LIMIT ? undefined : seconds * SECOND
}

/** Old ReplicaSets that are kept; undefined if all are. */
export function historyLimitOf({ spec }: Deployment): number | undefined {
  const limit = spec?.revisionHistoryLimit ?? 10
  return limit === NO_LIMIT ? undefined : limit
}

/**
 * What the sets say of a Deployment together, with the condition Available.
 *
 * Source: kube-controller-manager v1.37, deployment/sync.go `calculateStatus`.
 */
export function countedStatus(
  deployment: Deployment,
  sets: DeploymentSets,
  clock: StatusClock,
): DeploymentStatus {
  const all = allOf(sets)
  const availableReplicas = statusSum(all, 'availableReplicas')
  const { collisionCount, conditions } = deployment.status ?? {}
  const observedGeneration = deployment.metadata?.generation
  const isAvailable = availableReplicas >= replicasOf(deployment) - fencepostsOf(deployment).maxUnavailable
  const available: NewCondition = isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
  const terminatingReplicas = terminatingIn(all)
  return {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    replicas: statusSum(all, 'replicas'),
    updatedReplicas: sets.newest?.status?.replicas ?? 0,
    readyReplicas: statusSum(all, 'readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, wantedReplicas(all) - availableReplicas),
    ...(terminatingReplicas === undefined ? {} : { terminatingReplicas }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, available, clock),
  }
}

/**
 * The status in the course of a rollout: with the condition Progressing, by what has changed since the status that the
 * Deployment has, and the deadline; and with what hinders its ReplicaSets.
 *
 * Source: kube-controller-manager v1.37, deployment/progress.go `syncRolloutStatus`.
 */
export function rolloutStatus(
  deployment: Deployment,
  sets: DeploymentSets,
  clock: StatusClock,
): DeploymentStatus {
  const counted = countedStatus(deployment, sets, clock)
  const conditions = withFailure(progressConditions(deployment, sets, counted, clock), sets)
  return { ...counted, conditions }
}

/** Whether all pods that are wanted are of the present template and available, and there are no others. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const replicas = replicasOf(deployment)
  return (
    (status?.updatedReplicas ?? 0) === replicas &&
    (status?.replicas ?? 0) === replicas &&
    (status?.availableReplicas ?? 0) === replicas &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  )
}

/**
 * How long until a rollout that stands still has to be looked at; undefined if it need not be: 0 is soon, after a back-off.
 *
 * Source: kube-controller-manager v1.37, deployment/progress.go `requeueStuckDeployment`.
 */
export function nextProgressCheck(deployment: Deployment, clock: StatusClock): Micros | undefined {
  const deadline = progressDeadlineOf(deployment)
  const progressing = conditionOf(deployment.status, 'Progressing')
  if (deadline === undefined || progressing?.lastUpdateTime === undefined) return undefined
  if (isComplete(deployment, deployment.status) || progressing.reason === 'ProgressDeadlineExceeded')
    return undefined
  const left = clock.calendar.parse(progressing.lastUpdateTime) + deadline - clock.now
  return left < SECOND ? 0 : left + SECOND
}

function progressConditions(
  deployment: Deployment,
  { newest }: DeploymentSets,
  status: DeploymentStatus,
  clock: StatusClock,
): Conditions {
  const { conditions = [] } = status
  if (progressDeadlineOf(deployment) === undefined) return withoutCondition(conditions, 'Progressing')
  const present = conditionOf(deployment.status, 'Progressing')
  const isOver = status.replicas === status.updatedReplicas && present?.reason === 'NewReplicaSetAvailable'
  if (isOver) return conditions
  const name =
    newest === undefined
      ? `Deployment "${deployment.metadata?.name ?? ''}"`
      : `ReplicaSet "${newest.metadata?.name ?? ''}"`
  if (isComplete(deployment, status)) {
    const message = `${name} has successfully progressed.`
    const reason = 'NewReplicaSetAvailable'
    return withCondition(conditions, { type: 'Progressing', status: 'True', reason, message }, clock)
  }
  if (hasProgressed(deployment.status, status)) {
    const time = clock.calendar.format(clock.now)
    const transition = present?.status === 'True' ? present.lastTransitionTime : undefined
    return withTimedCondition(withoutCondition(conditions, 'Progressing'), {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${name} is progressing.`,
      lastUpdateTime: time,
      lastTransitionTime: transition ?? time,
    })
  }
  if (!hasTimedOut(deployment, status, clock)) return conditions
  const message = `${name} has timed out progressing.`
  const reason = 'ProgressDeadlineExceeded'
  return withCondition(conditions, { type: 'Progressing', status: 'False', reason, message }, clock)
}

/** More pods of the present template, fewer of others, more ready or available ones. Source: `DeploymentProgressing`, v1.37. */
function hasProgressed(before: DeploymentStatus = {}, now: DeploymentStatus): boolean {
  const oldPods = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldPods(now) < oldPods(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** Source: deployment_util.go `DeploymentTimedOut`, v1.37. */
function hasTimedOut(
  deployment: Deployment,
  status: DeploymentStatus,
  { now, calendar }: StatusClock,
): boolean {
  const condition = conditionOf(status, 'Progressing')
  if (condition === undefined || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  const deadline = progressDeadlineOf(deployment)
  if (deadline === undefined || condition.lastUpdateTime === undefined) return false
  return calendar.parse(condition.lastUpdateTime) + deadline < now
}

/** The failure of the newest set, else of another one, is that of the Deployment. Source: `getReplicaFailures`, v1.37. */
function withFailure(conditions: Conditions, sets: DeploymentSets): Conditions {
  const failure =
    failureOf(sets.newest) ??
    allOf(sets)
      .map(failureOf)
      .find((each) => each !== undefined)
  return failure === undefined
    ? withoutCondition(conditions, 'ReplicaFailure')
    : withTimedCondition(conditions, failure)
}

function failureOf(set: ReplicaSet | undefined): DeploymentCondition | undefined {
  const failure = set?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  if (failure?.lastTransitionTime === undefined) return failure
  return { ...failure, lastUpdateTime: failure.lastTransitionTime }
}

function withTimedCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const { type, status, reason } = condition
  const present = conditions.find((each) => each.type === type)
  const isSameAsBefore = present !== undefined && present.status === status
  if (isSameAsBefore && present.reason === reason) return conditions
  const transition = isSameAsBefore ? present.lastTransitionTime : condition.lastTransitionTime
  const others = conditions.filter((each) => each.type !== type)
  return [
    ...others,
    { ...condition, ...(transition === undefined ? {} : { lastTransitionTime: transition }) },
  ]
}

/** Pods that are going; undefined as long as a set does not tell. Source: `GetTerminatingReplicaCountForReplicaSets`, v1.37. */
function terminatingIn(sets: readonly ReplicaSet[]): number | undefined {
  let sum = 0
  for (const { status } of sets) {
    const isSeen = (status?.observedGeneration ?? 0) > 0
    if (status?.terminatingReplicas === undefined && isSeen) return undefined
    sum += status?.terminatingReplicas ?? 0
  }
  return sum
}
