import type { Job, JobCondition } from '../api/types.generated.ts'

/** The first condition of a type. */
export function conditionOf(
  conditions: readonly JobCondition[] | undefined,
  type: string,
): JobCondition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** The condition by which a job is finished, Complete or Failed; undefined for one that is not. */
export function finishedConditionOf(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
}

/** A condition that is made now. */
export function jobCondition(
  now: string,
  condition: Pick<JobCondition, 'type' | 'status' | 'reason' | 'message'>,
): JobCondition {
  return { ...condition, lastProbeTime: now, lastTransitionTime: now }
}

/**
 * The conditions with this one among them: in the place of an older one of its type, or at the end. The same list when it says
 * nothing new, or only that something has not become so.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `ensureJobConditionStatus`.
 */
export function withCondition(
  conditions: readonly JobCondition[],
  condition: JobCondition,
): readonly JobCondition[] {
  const known = conditionOf(conditions, condition.type)
  if (known === undefined) return condition.status === 'False' ? conditions : [...conditions, condition]
  const isSame =
    known.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message
  return isSame ? conditions : conditions.map((other) => (other === known ? condition : other))
}
