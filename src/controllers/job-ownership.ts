import { compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { Job, LabelSelector } from '../api/types.generated.ts'
import type { Calls } from '../cluster/client.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { releasePod } from '../cluster/release-pod.ts'
import type { PodRow } from '../cluster/rows.ts'
import { finishedConditionOf } from './job-conditions.ts'
import { TRACKING_FINALIZER } from './job-pods.ts'
import { isManagedElsewhere } from './job-rules.ts'
import type { WorkloadParts } from './workload-parts.ts'

const predicates = new WeakMap<LabelSelector, LabelPredicate>()

/** Whether the selector of a job matches labels; false for a job without a selector, whose pods are those it has made. */
export function jobSelects({ spec }: Job, labels: Readonly<Record<string, string>>): boolean {
  const selector = spec?.selector
  if (selector === undefined) return false
  let predicate = predicates.get(selector)
  if (predicate === undefined) {
    predicate = compileLabelSelector(selector)
    predicates.set(selector, predicate)
  }
  return predicate(labels)
}

/**
 * The pods of a job: those it controls, but for those that its selector no longer matches, which it lets go; and those that nobody
 * controls and its selector matches, which it takes.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `getPodsForJob`, controller_ref_manager.go `ClaimPods`.
 */
export function claimPods({ api, owned }: WorkloadParts, job: Job, calls: Calls): readonly PodRow[] {
  const { pods } = api
  const { uid = '', namespace = '', deletionTimestamp } = job.metadata ?? {}
  const controlled = owned.of(uid)
  if (job.spec?.selector === undefined) return controlled
  const isSelected = (row: PodRow): boolean => jobSelects(job, pods.infoOf(row).template.metadata.labels)
  for (const row of controlled) {
    if (isSelected(row)) continue
    calls.do(() => {
      releasePod(pods, row, TRACKING_FINALIZER)
      if (!pods.isRemoved(row)) pods.setOwner(row, undefined)
      return true
    })
  }
  if (deletionTimestamp !== undefined) return controlled.filter(isSelected)
  for (const row of owned.orphansIn(namespace)) {
    if (!isSelected(row) || pods.table.deletingAt(row) !== NO_TIME) continue
    calls.do(() => {
      const finalizers = pods.detailsOf(row).finalizers ?? []
      if (!finalizers.includes(TRACKING_FINALIZER)) {
        pods.updateDetails(row, { finalizers: [...finalizers, TRACKING_FINALIZER] })
      }
      pods.setOwner(row, owned.ownerFor(job))
      return true
    })
  }
  return owned.of(uid).filter(isSelected)
}

/**
 * Takes the finalizer from a pod whose end nobody will count: its job is gone or has finished.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `syncOrphanPod`.
 */
export function releaseOrphan({ api }: WorkloadParts, key: string): void {
  const { pods } = api
  const row = pods.rowOfGivenName(key)
  if (row === undefined || pods.isRemoved(row)) return
  const owner = pods.table.owner(row)
  if (owner instanceof ControllerOwner) {
    if (owner.kind !== 'Job') return
    const job = api.collection<Job>('Job').get(owner.key)
    const isOwned = job?.metadata?.uid === owner.uid
    if (isOwned && (isManagedElsewhere(job) || finishedConditionOf(job) === undefined)) return
  }
  releasePod(pods, row, TRACKING_FINALIZER)
}
