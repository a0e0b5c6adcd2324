import type { LabelPredicate } from '../api/selectors.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { Calls } from '../cluster/client.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** What a controller does about something that its selector may match. */
export type Claim = 'own' | 'adopt' | 'release' | 'ignore'

/** What decides on a claim. */
export interface ClaimFacts {
  /** Uid of the controller that asks, and of the one that has it now. */
  readonly claimer: string
  readonly controller: string | undefined
  readonly isClaimerGoing: boolean
  readonly isGoing: boolean
  readonly isMatching: boolean
}

/**
 * Whether a controller owns something, takes it, lets it go, or has nothing to do with it.
 *
 * Source: kube-controller-manager v1.37, controller_ref_manager.go `BaseControllerRefManager.ClaimObject`.
 */
export function claimOf(facts: ClaimFacts): Claim {
  const { claimer, controller, isClaimerGoing, isGoing, isMatching } = facts
  if (controller !== undefined) {
    if (controller !== claimer) return 'ignore'
    if (isMatching) return 'own'
    return isClaimerGoing ? 'ignore' : 'release'
  }
  return isClaimerGoing || isGoing || !isMatching ? 'ignore' : 'adopt'
}

/** Who claims pods. */
export interface PodClaimer {
  readonly object: StoredObject
  readonly selector: LabelPredicate
  /** Which pods are looked at at all; by default those that are neither finished nor going. */
  readonly isCandidate?: (row: PodRow) => boolean
}

/**
 * The pods of a controller, in order of creation: those that it controls and its selector matches, and those that nobody
 * controls, which it adopts; it lets go of those that its selector does not match any more.
 *
 * Source: kube-controller-manager v1.37, controller_ref_manager.go `PodControllerRefManager.ClaimPods`.
 */
export function claimPods(parts: WorkloadParts, claimer: PodClaimer, calls: Calls): readonly PodRow[] {
  const { api, owned } = parts
  const { metadata } = claimer.object
  const uid = metadata?.uid ?? ''
  const isMatching = labelMatcher(parts, claimer.selector)
  const isCandidate = claimer.isCandidate ?? ((row: PodRow) => isActivePod(parts, row))
  const isClaimerGoing = metadata?.deletionTimestamp !== undefined
  const claimed: PodRow[] = []
  for (const row of owned.of(uid)) {
    if (!isCandidate(row)) continue
    if (isMatching(row)) claimed.push(row)
    else if (!isClaimerGoing) release(parts, row, calls, uid)
  }
  if (isClaimerGoing) return claimed
  for (const row of owned.orphansIn(metadata?.namespace ?? '')) {
    const isGoing = api.pods.table.deletingAt(row) !== NO_TIME
    if (isGoing || !isCandidate(row) || !isMatching(row)) continue
    if (adopt(parts, claimer.object, row, calls)) claimed.push(row)
  }
  return claimed
}

/** Whether a pod is neither finished nor going. Source: controller_utils.go `IsPodActive`, v1.37. */
export function isActivePod({ api }: WorkloadParts, row: PodRow): boolean {
  return !api.pods.isFinished(row) && api.pods.table.deletingAt(row) === NO_TIME
}

/** Whether a pod is going and has not finished. Source: controller_utils.go `IsPodTerminating`, v1.37. */
export function isTerminatingPod({ api }: WorkloadParts, row: PodRow): boolean {
  return !api.pods.isFinished(row) && api.pods.table.deletingAt(row) !== NO_TIME
}

/** Asks a selector about the labels of pods: once for each template. */
export function labelMatcher({ api }: WorkloadParts, selector: LabelPredicate): (row: PodRow) => boolean {
  const verdicts = new Map<TemplateInfo, boolean>()
  return (row) => {
    const info = api.pods.infoOf(row)
    let verdict = verdicts.get(info)
    if (verdict === undefined) {
      verdict = selector(info.template.metadata.labels)
      verdicts.set(info, verdict)
    }
    return verdict
  }
}

function release({ api }: WorkloadParts, row: PodRow, calls: Calls, uid: string): void {
  const serial = api.pods.table.serial(row)
  calls.do(() => {
    if (!api.pods.isCurrent(row, serial) || api.pods.isRemoved(row)) return true
    const owner = api.pods.table.owner(row)
    if (owner instanceof ControllerOwner && owner.uid === uid) api.pods.setOwner(row, undefined)
    return true
  })
}

/** False when it could not be adopted; later it may turn out so, too. */
function adopt({ api, owned }: WorkloadParts, claimer: StoredObject, row: PodRow, calls: Calls): boolean {
  const serial = api.pods.table.serial(row)
  const outcome = calls.do(() => {
    if (!api.pods.isCurrent(row, serial) || api.pods.isRemoved(row)) return true
    const present = api.collection(claimer.kind ?? '').get(objectKey(claimer.metadata))?.metadata
    const isThere = present?.uid === claimer.metadata?.uid && present?.deletionTimestamp === undefined
    if (!isThere || api.pods.table.owner(row) instanceof ControllerOwner) return false
    api.pods.setOwner(row, owned.ownerFor(claimer))
    return true
  })
  return outcome !== 'failed'
}
