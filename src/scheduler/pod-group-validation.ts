import type { PodShape } from './framework/pod-shape.ts'
import type { GroupInCycle } from './pod-group-cycle.ts'

const PREEMPTING = 'PreemptLowerPriority'

/**
 * Why a group cannot be scheduled as it is: its pods, those on nodes included, have to have one scheduler and one
 * preemption policy, and the priority of the PodGroup.
 *
 * Source: kube-scheduler v1.37, `validatePodGroup`. With `hasPolicy` the preemption policy is the PodGroup's own.
 */
export function whyInvalid(
  { state: { group }, members }: GroupInCycle,
  scheduled: readonly PodShape[],
  hasPolicy: boolean,
): string | undefined {
  const [first] = members
  const schedulerName = first?.podClass.shape.spec.schedulerName ?? ''
  const priority = group.spec.priority ?? 0
  const own = group.spec.preemptionPolicy ?? PREEMPTING
  const policy = hasPolicy ? own : policyOf(first?.podClass.shape)
  for (const shape of [...members.map(({ podClass }) => podClass.shape), ...scheduled]) {
    const name = shape.spec.schedulerName ?? ''
    if (name !== schedulerName) {
      return `all pods in a single pod group should have the same .spec.schedulerName set, got: "${name}" and "${schedulerName}"`
    }
    if (shape.priority !== priority) {
      return `all pods in a single pod group should have the same priority as the pod group's priority, got ${shape.priority} and ${priority}`
    }
    if (policyOf(shape) === policy) continue
    const of = hasPolicy ? " as the pod group's preemption policy" : ''
    return `all pods in a single pod group should have the same preemption policy${of}, got ${policyOf(shape)} and ${policy}`
  }
  return undefined
}

/** Whether a group that was rejected may preempt others. */
export function isPreempting({ state: { group }, members }: GroupInCycle, hasPolicy: boolean): boolean {
  const policy = hasPolicy
    ? (group.spec.preemptionPolicy ?? PREEMPTING)
    : policyOf(members[0]?.podClass.shape)
  return policy !== 'Never'
}

function policyOf(shape: PodShape | undefined): string {
  return shape?.spec.preemptionPolicy ?? PREEMPTING
}
