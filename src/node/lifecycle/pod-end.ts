import type { Micros } from '../../base/time.ts'
import { NO_TIME, PHASE_FAILED, PHASE_SUCCEEDED } from '../../cluster/pod-table.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { DELETED } from '../../cluster/pod-reason.ts'
import type { ContainerRecord } from './container.ts'
import type { PodEnd } from '../pod-end.ts'
import { podPhase } from './pod-phase.ts'
import type { PodPlan } from './pod-plan.ts'
import type { PodStatusWriter } from './pod-status-writer.ts'
import type { WorkerHost } from './worker-host.ts'

/** How a pod ends that outlived its `activeDeadlineSeconds`. */
export const DEADLINE_EXCEEDED: PodEnd = {
  reason: 'DeadlineExceeded',
  details: { message: 'Pod was active on the node longer than the specified deadline' },
}

/** Why a pod ends. */
export type EndCause =
  /** All that was to run has run. */
  | { readonly kind: 'completed' }
  | { readonly kind: 'deleted' }
  /** The node ends it, and this is what it says. */
  | { readonly kind: 'failed'; readonly end: PodEnd }

/**
 * Writes the end of a pod whose containers have all ended: its phase, and its removal when that was asked for. A pod that is
 * to go and that finalizers keep gets its phase first, for those who wait for it.
 *
 * Source: kubelet v1.37, `SyncTerminatedPod`, status_manager.go `syncPod`.
 */
export function endPod(
  host: WorkerHost,
  writer: PodStatusWriter,
  end: {
    readonly pod: PodRow
    readonly plan: PodPlan
    readonly containers: readonly ContainerRecord[]
    readonly cause: EndCause
    /** When its containers had ended, where that is said later; now by default. */
    readonly endedAt?: Micros
  },
): void {
  const { pods } = host.api
  const { pod, plan, containers, cause, endedAt = host.sim.now } = end
  const { restartPolicy } = plan
  const phase = podPhase(containers, { restartPolicy, isTerminal: true })
  const succeeded = phase === PHASE_SUCCEEDED && cause.kind !== 'failed'
  const isDeleting = cause.kind === 'deleted' || pods.table.deletingAt(pod) !== NO_TIME
  const asked = pods.table.reason(pod)
  const reason =
    cause.kind === 'failed' ? cause.end.reason : succeeded ? 'Completed' : asked || failureOf(containers)
  host.over(pod, succeeded ? undefined : isDeleting ? asked || DELETED : reason)
  host.write(() => {
    // The store may have forgotten it at this instant, before its kubelet hears.
    if (pods.isRemoved(pod)) return
    const isWaitedFor = (pods.detailsOf(pod).finalizers ?? []).length > 0
    if (!isDeleting || isWaitedFor) {
      writer.writeEnd(plan, containers, succeeded ? PHASE_SUCCEEDED : PHASE_FAILED, endedAt)
      const details = cause.kind === 'failed' ? cause.end.details : undefined
      pods.finish(pod, {
        succeeded,
        reason,
        finishedAt: endedAt,
        ...(details === undefined ? {} : { details }),
      })
    }
    if (isDeleting) pods.requestDeletion(pod, { grace: 0, reason: '' })
  })
}

/** The reason of the first container that failed. */
function failureOf(containers: readonly ContainerRecord[]): string {
  return containers.find(({ exit }) => exit !== undefined && exit.exitCode !== 0)?.exit?.reason ?? 'Error'
}
