import type { Micros } from '../base/time.ts'
import { backoffOfIndex, remainingBackoff } from './job-backoff.ts'
import type { IndexSet } from './job-indexes.ts'
import { firstFreeIndexes, mergedIndexes, withIndexes } from './job-indexes.ts'
import { NO_INDEX, inOrderOfDeletion, isTerminatingPod } from './job-pods.ts'
import type { JobPod } from './job-pods.ts'
import { wantedPods } from './job-rules.ts'
import type { JobView } from './job-view.ts'

/** Pods that are made or deleted in one look at a job, at most (job_controller.go `MaxPodCreateDeletePerSync`). */
const CHANGES_MAX = 500

/** What is to be done to the number of pods of a job: pods are either deleted or made, not both at a time. */
export interface JobChanges {
  readonly deletions: readonly JobPod[]
  /** Completion indexes of new pods, `NO_INDEX` where the job has none. */
  readonly creations: readonly number[]
  /** Pods are to be made, but not before this time has passed. */
  readonly waitsFor?: Micros
}

const NOTHING: JobChanges = { deletions: [], creations: [] }

/**
 * Brings the number of active pods to what the job wants: none while it is suspended, no more than its parallelism, nor than are
 * still to succeed.
 *
 * Source: kube-controller-manager v1.37, job_controller.go `manageJob`.
 */
export function changesOf(view: JobView): JobChanges {
  const { active, rules } = view
  if (rules.isSuspended) return { ...NOTHING, deletions: podsToRemove(view, active.length) }
  const wanted = wantedPods(rules, { active: active.length, succeeded: view.succeeded })
  const deletions = podsToRemove(view, Math.max(0, active.length - wanted)).slice(0, CHANGES_MAX)
  if (deletions.length > 0) return { ...NOTHING, deletions }
  const terminating = rules.replacesOnlyFailed ? view.terminating : 0
  const missing = wanted - terminating - active.length
  return missing > 0 ? podsToMake(view, missing) : NOTHING
}

function podsToMake(view: JobView, missing: number): JobChanges {
  const { api, keptPods, now, rules } = view
  if (rules.backoffLimitPerIndex === undefined) {
    const remaining = remainingBackoff(view.backoff, now)
    if (remaining > 0) return { ...NOTHING, waitsFor: remaining }
  }
  const count = Math.min(missing, CHANGES_MAX)
  if (!rules.isIndexed) return { ...NOTHING, creations: new Array<number>(count).fill(NO_INDEX) }
  const indexes = firstFreeIndexes(takenIndexes(view), count, rules.completions ?? 0)
  if (rules.backoffLimitPerIndex === undefined) return { ...NOTHING, creations: indexes }
  const waits = indexes.map((index) => remainingBackoff(backoffOfIndex(api, keptPods.get(index)), now))
  const creations = indexes.filter((_, place) => waits[place] === 0)
  if (creations.length > 0 || waits.length === 0) return { ...NOTHING, creations }
  return { ...NOTHING, waitsFor: Math.min(...waits) }
}

/** Indexes that are done, have failed for good, or have a pod. */
function takenIndexes({ active, failedIndexes, pods, rules, succeededIndexes }: JobView): IndexSet {
  const holders = rules.replacesOnlyFailed ? [...active, ...pods.filter(isTerminatingPod)] : active
  const held = holders.map(({ index }) => index).filter((index) => index !== NO_INDEX)
  return mergedIndexes(withIndexes(succeededIndexes, held), failedIndexes ?? [])
}

/**
 * Active pods to delete, at least so many: first those with an index that another has or that the job does not want.
 *
 * Source: job_controller.go `activePodsForRemoval`, indexed_job_utils.go `appendDuplicatedIndexPodsForRemoval`.
 */
function podsToRemove(view: JobView, atLeast: number): readonly JobPod[] {
  const { active, api, rules } = view
  const removed: JobPod[] = []
  let left: readonly JobPod[] = active
  if (rules.isIndexed) {
    const kept: JobPod[] = []
    for (const [index, same] of byIndex(active)) {
      const isWanted = index !== NO_INDEX && index < (rules.completions ?? 0)
      const ranked = same.length === 1 ? same : inOrderOfDeletion(api, same)
      const last = isWanted ? ranked.pop() : undefined
      if (last !== undefined) kept.push(last)
      removed.push(...ranked)
    }
    left = kept
  }
  if (removed.length >= atLeast) return removed
  return [...removed, ...inOrderOfDeletion(api, left).slice(0, atLeast - removed.length)]
}

/** Pods by index, those without one first. */
function byIndex(pods: readonly JobPod[]): ReadonlyMap<number, JobPod[]> {
  const groups = new Map<number, JobPod[]>()
  for (const pod of [...pods].sort((one, other) => one.index - other.index)) {
    const same = groups.get(pod.index)
    if (same === undefined) groups.set(pod.index, [pod])
    else same.push(pod)
  }
  return groups
}
