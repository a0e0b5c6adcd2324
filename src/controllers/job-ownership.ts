import { compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate, Labels } from '../api/selectors.ts'
import type { Job, LabelSelector } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Calls } from '../cluster/client.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { releasePod } from '../cluster/release-pod.ts'
import type { PodRow } from '../cluster/rows.ts'
import { claimPods } from './claim-pods.ts'
import { finishedConditionOf } from './job-conditions.ts'
import { TRACKING_FINALIZER } from './job-pods.ts'
import { isManagedElsewhere } from './job-rules.ts'
import type { WorkloadParts } from './workload-parts.ts'

const predicates = new WeakMap<LabelSelector, LabelPredicate>()

/** Whether the selector of a job matches labels; false for a job without a selector, whose pods are those it has made. */
export function jobSelects({ spec }: Job, labels: Labels): boolean {
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
 * controls and its selector matches, which it takes, with the finalizer.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `getPodsForJob`.
 */
export function podsOfJob(parts: WorkloadParts, job: Job, calls: Calls): readonly PodRow[] {
  const { api, owned } = parts
  const controlled = owned.of(job.metadata?.uid ?? '')
  if (job.spec?.selector === undefined) return controlled
  const selector = (labels: Labels): boolean => jobSelects(job, labels)
  const claimed = claimPods(parts, { object: job, selector, isCandidate: () => true }, calls)
  const known = new Set(controlled)
  for (const row of claimed) {
    if (known.has(row)) continue
    const serial = api.pods.table.serial(row)
    calls.do(() => track(api, row, serial))
  }
  return claimed
}

function track({ pods }: ApiServer, row: PodRow, serial: number): boolean {
  if (!pods.isCurrent(row, serial)) return true
  const finalizers = pods.detailsOf(row).finalizers ?? []
  if (pods.isRemoved(row) || finalizers.includes(TRACKING_FINALIZER)) return true
  pods.updateDetails(row, { finalizers: [...finalizers, TRACKING_FINALIZER] })
  return true
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
