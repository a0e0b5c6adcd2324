import type { DaemonSet, DaemonSetStatus } from '../api/types.generated.ts'
import { byAge } from './daemon-pod.ts'
import type { DaemonView } from './daemon-set-plan.ts'

/** The status of a DaemonSet. Source: Kubernetes v1.37, controller/daemon `updateDaemonSetStatus`. */
export function daemonStatus(view: DaemonView, collisionCount: number): DaemonSetStatus {
  let desired = 0
  let current = 0
  let misscheduled = 0
  let ready = 0
  let updated = 0
  let available = 0
  for (const node of view.nodes) {
    const pods = view.podsByNode.get(node.metadata?.name ?? '') ?? []
    const { shouldRun } = view.judge(node)
    if (!shouldRun) {
      if (pods.length > 0) misscheduled += 1
      continue
    }
    desired += 1
    const pod = pods.length === 1 ? pods[0] : pods.toSorted(byAge)[0]
    if (pod === undefined) continue
    current += 1
    if (pod.readySince !== undefined) ready += 1
    if (view.isAvailable(pod)) available += 1
    if (pod.hash === view.hash) updated += 1
  }
  const { set } = view
  return {
    ...set.status,
    observedGeneration: set.metadata?.generation ?? 0,
    desiredNumberScheduled: desired,
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    numberReady: ready,
    updatedNumberScheduled: updated,
    numberAvailable: available,
    numberUnavailable: desired - available,
    ...(collisionCount === 0 ? {} : { collisionCount }),
  }
}

/** Whether the new status says anything else than the one that the set has. */
export function isDaemonStatusChanged({ status: known }: DaemonSet, status: DaemonSetStatus): boolean {
  return (
    known === undefined ||
    known.desiredNumberScheduled !== status.desiredNumberScheduled ||
    known.currentNumberScheduled !== status.currentNumberScheduled ||
    known.numberMisscheduled !== status.numberMisscheduled ||
    known.numberReady !== status.numberReady ||
    (known.updatedNumberScheduled ?? 0) !== status.updatedNumberScheduled ||
    (known.numberAvailable ?? 0) !== status.numberAvailable ||
    (known.numberUnavailable ?? 0) !== status.numberUnavailable ||
    (known.collisionCount ?? 0) !== (status.collisionCount ?? 0) ||
    (known.observedGeneration ?? 0) < (status.observedGeneration ?? 0)
  )
}
