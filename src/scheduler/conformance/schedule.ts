import { NO_NODE } from '../../cluster/rows.ts'
import type { NodeRow } from '../../cluster/rows.ts'
import type { Cycle } from '../cycle.ts'
import { diagnosisOf, fitErrorMessage } from '../fit-error.ts'
import type { NodePicker } from '../node-picker.ts'
import { EXHAUSTIVE, messageOf, runPostFilters } from '../trial-runner.ts'
import type { PendingPod } from './pending-pod.ts'

/** One scheduling cycle, as the cases print it. */
export interface ScheduleStep {
  readonly pod: string
  readonly node?: string
  readonly feasible: number
  readonly evaluated: number
  readonly nextStart: number
  readonly batched?: boolean
  readonly message?: string
}

/**
 * Runs the scheduler's own cycles over pods that all wait from the start: sampled search, its own choice. `pass` lets
 * the time pass that goes by before the cycle of a pod, told by its place in `pending`.
 */
export function runSchedule(
  cycle: Cycle,
  picker: NodePicker,
  pending: readonly PendingPod[],
  pass: (arrival: number) => void,
): ScheduleStep[] {
  const queue = pending
    .map((pod, arrival) => ({ pod, arrival }))
    .sort((one, other) => other.pod.priority - one.pod.priority || one.arrival - other.arrival)
  return queue.map(({ pod, arrival }) => {
    pass(arrival)
    return runStep(cycle, picker, pod)
  })
}

function runStep(cycle: Cycle, picker: NodePicker, pending: PendingPod): ScheduleStep {
  const { key, row, profile, podClass } = pending
  if (profile === undefined || podClass === undefined) {
    return { pod: key, feasible: 0, evaluated: 0, nextStart: picker.nextStart }
  }
  const { cluster } = cycle
  const { node, feasible, evaluated, isBatched, rejectedBy } = picker.pick(profile, podClass, row)
  const batched = isBatched ? { batched: true } : {}
  const step = { pod: key, feasible, evaluated, nextStart: picker.nextStart, ...batched }
  if (node !== NO_NODE) {
    cluster.nominations.remove(row)
    cluster.assumed.assume(cycle.reserve(node).objects)
    cluster.nodes.addPod(row, node as NodeRow, 0)
    return { ...step, node: cluster.nodes.name(node) }
  }
  // The fast path knows who rejected the pod; the message needs to know why.
  if (rejectedBy !== undefined) picker.explain(profile, podClass, row)
  const result = runPostFilters(cycle, EXHAUSTIVE)
  const message = fitErrorMessage(diagnosisOf(cycle), result === undefined ? '' : messageOf(result))
  if (profile.postFilter.length === 0 || result?.clearNomination === true) cluster.nominations.remove(row)
  return { ...step, message }
}
