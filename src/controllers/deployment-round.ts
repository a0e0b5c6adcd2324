import { canonicalJson } from '../base/go-json.ts'
import { controllerOf } from '../api/owner-references.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { controllerReference } from './claim-objects.ts'
import { fencepostsOf, isRollingUpdate, replicasOf } from './deployment-fenceposts.ts'
import {
  REVISION,
  desiredReplicasOf,
  isSameAnnotations,
  maxRevision,
  newestAnnotations,
  sizeAnnotations,
} from './deployment-revisions.ts'
import {
  activeOf,
  activeOrLatest,
  allOf,
  compareByAge,
  compareByRevision,
  isSaturated,
  newestSize,
  proportionalSizes,
  splitSets,
  statusSum,
  wantedReplicas,
} from './deployment-sets.ts'
import type { DeploymentSets } from './deployment-sets.ts'
import {
  conditionOf,
  countedStatus,
  historyLimitOf,
  isComplete,
  nextProgressCheck,
  progressDeadlineOf,
  rolloutStatus,
  withCondition,
} from './deployment-status.ts'
import type { NewCondition, StatusClock } from './deployment-status.ts'
import type { ObjectWrites } from './object-writes.ts'
import { POD_TEMPLATE_HASH, isSameTemplate, podTemplateHash } from './pod-template-hash.ts'

/** What one round of a Deployment works on. */
export interface RoundParts {
  readonly deployment: Deployment
  /** Its ReplicaSets, as they were read. */
  readonly sets: readonly ReplicaSet[]
  readonly store: ObjectStore<ReplicaSet>
  readonly writes: ObjectWrites
  readonly clock: StatusClock
  /** Whether a set has pods that have not finished, those that are going among them. */
  readonly hasPods: (set: ReplicaSet) => boolean
}

/** What follows from a round. */
export interface RoundResult {
  /** The rollout stands still: it has to be looked at then; 0 is after a back-off. */
  readonly checkAfter?: Micros
  readonly isFailed?: boolean
}

/** Longest name of an object. */
const NAME_LENGTH_MAX = 253

/**
 * One look at a Deployment: what it writes follows from what was read at its beginning, as far as it has not written it itself.
 *
 * Source: kube-controller-manager v1.37, deployment/deployment_controller.go `syncDeployment`, sync.go, rolling.go,
 * recreate.go, progress.go. It has not the deprecated roll-back by annotation of extensions/v1beta1.
 */
export class DeploymentRound {
  readonly #parts: RoundParts
  readonly #writes: ObjectWrites
  /** As read, with what this round has written. */
  #deployment: Deployment
  /** As read, with the annotations of the newest that this round has written. */
  #replicaSets: readonly ReplicaSet[]
  #isFailed = false

  constructor(parts: RoundParts) {
    this.#parts = parts
    this.#replicaSets = parts.sets
    this.#writes = parts.writes
    this.#deployment = parts.deployment
  }

  run(): RoundResult {
    if (this.#deployment.metadata?.deletionTimestamp !== undefined) {
      this.#writeStatus(countedStatus(this.#deployment, this.#sets({ creates: false }), this.#parts.clock))
      return {}
    }
    this.#notePause()
    const result =
      this.#deployment.spec?.paused === true || this.#isScaling()
        ? this.#scaleAll()
        : isRollingUpdate(this.#deployment)
          ? this.#rollOut()
          : this.#recreate()
    return this.#isFailed ? { ...result, isFailed: true } : result
  }

  /** A pause is no lack of progress. Source: sync.go `checkPausedConditions`. */
  #notePause(): void {
    if (progressDeadlineOf(this.#deployment) === undefined) return
    const reason = conditionOf(this.#deployment.status, 'Progressing')?.reason
    if (reason === 'ProgressDeadlineExceeded') return
    const isPaused = this.#deployment.spec?.paused === true
    if (isPaused === (reason === 'DeploymentPaused')) return
    this.#setCondition(
      isPaused
        ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
        : { reason: 'DeploymentResumed', message: 'Deployment is resumed' },
      'Unknown',
    )
    this.#writes.update('Deployment', this.#deployment)
  }

  /** Whether the Deployment wants another number of pods than when its sets were sized. Source: sync.go `isScalingEvent`. */
  #isScaling(): boolean {
    const replicas = replicasOf(this.#deployment)
    return activeOf(allOf(this.#sets({ creates: false }))).some((set) => {
      const desired = desiredReplicasOf(set)
      return desired !== undefined && desired !== replicas
    })
  }

  /** Sizes the sets for a Deployment that is paused or scaled. Source: sync.go `sync`, `scale`. */
  #scaleAll(): RoundResult {
    const sets = this.#sets({ creates: false })
    this.#scale(sets)
    if (this.#deployment.spec?.paused === true) this.#cleanUp(sets.old)
    this.#writeStatus(countedStatus(this.#deployment, sets, this.#parts.clock))
    return {}
  }

  #scale(sets: DeploymentSets): void {
    const replicas = replicasOf(this.#deployment)
    const single = activeOrLatest(sets)
    if (single !== undefined) {
      this.#scaleTo(single, replicas)
      return
    }
    if (isSaturated(this.#deployment, sets.newest)) {
      for (const set of activeOf(sets.old)) this.#scaleTo(set, 0)
      return
    }
    if (!isRollingUpdate(this.#deployment)) return
    for (const { set, size } of proportionalSizes(this.#deployment, sets)) this.#resize(set, size)
  }

  /** Source: rolling.go `rolloutRolling`. */
  #rollOut(): RoundResult {
    const sets = this.#sets({ creates: true })
    if (sets.newest === undefined) return {}
    if (this.#growNewest(sets, sets.newest) || this.#shrinkOld(sets, sets.newest)) return this.#report(sets)
    if (isComplete(this.#deployment, this.#deployment.status)) this.#cleanUp(sets.old)
    return this.#report(sets)
  }

  /** Whether the newest set has another size now. Source: rolling.go `reconcileNewReplicaSet`. */
  #growNewest(sets: DeploymentSets, newest: ReplicaSet): boolean {
    const replicas = replicasOf(this.#deployment)
    const size = replicasOf(newest)
    if (size === replicas) return false
    return this.#scaleTo(newest, size > replicas ? replicas : newestSize(this.#deployment, sets))
  }

  /** Whether an old set has another size now. Source: rolling.go `reconcileOldReplicaSets`. */
  #shrinkOld(sets: DeploymentSets, newest: ReplicaSet): boolean {
    const old = activeOf(sets.old).toSorted(compareByAge)
    if (old.length === 0) return false
    const minAvailable = replicasOf(this.#deployment) - fencepostsOf(this.#deployment).maxUnavailable
    const newestUnavailable = replicasOf(newest) - (newest.status?.availableReplicas ?? 0)
    const shrinkMax = wantedReplicas(allOf(sets)) - minAvailable - newestUnavailable
    if (shrinkMax <= 0) return false
    const shrunk = this.#dropUnhealthy(old, shrinkMax)
    if (shrunk === undefined) return false
    const available = statusSum([...old, newest], 'availableReplicas')
    let left = available - minAvailable
    let hasShrunk = shrunk.some((set, index) => set !== old[index])
    for (const set of shrunk) {
      if (left <= 0) break
      const drop = Math.min(replicasOf(set), left)
      if (drop === 0) continue
      this.#scaleTo(set, replicasOf(set) - drop)
      left -= drop
      hasShrunk = true
    }
    return hasShrunk
  }

  /**
   * Takes pods that are not available from old sets: that makes nothing worse. The sets as they are then; undefined when the
   * status of one is older than its size, so that nothing can be said. Source: rolling.go `cleanupUnhealthyReplicas`.
   */
  #dropUnhealthy(old: readonly ReplicaSet[], dropMax: number): readonly ReplicaSet[] | undefined {
    const shrunk: ReplicaSet[] = []
    let left = dropMax
    for (const set of old) {
      const unhealthy = replicasOf(set) - (set.status?.availableReplicas ?? 0)
      if (left > 0 && unhealthy < 0) return undefined
      const drop = Math.min(left, unhealthy)
      shrunk.push(drop <= 0 ? set : this.#resize(set, replicasOf(set) - drop))
      left -= Math.max(drop, 0)
    }
    return shrunk
  }

  /** Source: recreate.go `rolloutRecreate`. */
  #recreate(): RoundResult {
    const sets = this.#sets({ creates: false })
    const active = activeOf(sets.old)
    for (const set of active) this.#scaleTo(set, 0)
    if (active.length > 0) return this.#report(sets)
    const hasOldPods = statusSum(sets.old, 'replicas') > 0 || sets.old.some((set) => this.#parts.hasPods(set))
    if (hasOldPods) return this.#report(sets)
    const whole = sets.newest === undefined ? this.#sets({ creates: true }) : sets
    if (whole.newest === undefined) return {}
    this.#scaleTo(whole.newest, replicasOf(this.#deployment))
    if (isComplete(this.#deployment, this.#deployment.status)) this.#cleanUp(whole.old)
    return this.#report(whole)
  }

  /** Tells the sets apart, and brings revisions and annotations up to date. Source: sync.go `getNewReplicaSet`. */
  #sets({ creates }: { readonly creates: boolean }): DeploymentSets {
    const sets = splitSets(this.#deployment, this.#replicaSets)
    const revision = maxRevision(sets.old) + 1
    if (sets.newest !== undefined) return { ...sets, newest: this.#refresh(sets.newest, revision) }
    return creates ? { ...sets, newest: this.#create(sets, revision) } : sets
  }

  /** The newest set with its revision and the Deployment's annotations; then the Deployment gets its revision. */
  #refresh(newest: ReplicaSet, revision: number): ReplicaSet {
    const present = newest.metadata?.annotations ?? {}
    const annotations = newestAnnotations(this.#deployment, present, revision)
    const minReadySeconds = this.#deployment.spec?.minReadySeconds ?? 0
    const isUpToDate =
      isSameAnnotations(present, annotations) && (newest.spec?.minReadySeconds ?? 0) === minReadySeconds
    if (!isUpToDate) {
      const updated: ReplicaSet = {
        ...newest,
        metadata: { ...newest.metadata, annotations },
        spec: { ...specOf(newest), minReadySeconds },
      }
      this.#writes.update('ReplicaSet', updated)
      this.#replicaSets = this.#replicaSets.map((set) => (set === newest ? updated : set))
      return updated
    }
    const hasNewRevision = this.#setRevision(annotations[REVISION] ?? '')
    const isFound =
      progressDeadlineOf(this.#deployment) !== undefined &&
      conditionOf(this.#deployment.status, 'Progressing') === undefined
    if (isFound) {
      const message = `Found new replica set "${newest.metadata?.name ?? ''}"`
      this.#setCondition({ reason: 'FoundNewReplicaSet', message }, 'True')
    }
    if (hasNewRevision || isFound) this.#writes.update('Deployment', this.#deployment)
    return newest
  }

  /** Creates the set of the present template; undefined if its name is taken by another. */
  #create(sets: DeploymentSets, revision: number): ReplicaSet | undefined {
    const set = this.#newSet(sets, revision)
    const taken = this.#parts.store.get(`${set.metadata?.namespace ?? ''}/${set.metadata?.name ?? ''}`)
    const template = this.#deployment.spec?.template ?? {}
    if (taken !== undefined) {
      const isOwn = controllerOf(taken)?.uid === this.#deployment.metadata?.uid
      if (isOwn && isSameTemplate(taken.spec?.template ?? {}, template)) return taken
      const collisionCount = (this.#deployment.status?.collisionCount ?? 0) + 1
      this.#deployment = { ...this.#deployment, status: { ...this.#deployment.status, collisionCount } }
      this.#writes.update('Deployment', this.#deployment)
      this.#isFailed = true
      return undefined
    }
    this.#writes.create('ReplicaSet', set)
    this.#setRevision(String(revision))
    if (progressDeadlineOf(this.#deployment) !== undefined) {
      const message = `Created new replica set "${set.metadata?.name ?? ''}"`
      this.#setCondition({ reason: 'NewReplicaSetCreated', message }, 'True')
    }
    this.#writes.update('Deployment', this.#deployment)
    return set
  }

  #newSet(sets: DeploymentSets, revision: number): ReplicaSet {
    const { metadata, spec, status } = this.#deployment
    const template = spec?.template ?? {}
    const hash = podTemplateHash(template, status?.collisionCount)
    const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH]: hash }
    const selector = spec?.selector ?? {}
    const minReadySeconds = spec?.minReadySeconds
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${(metadata?.name ?? '').slice(0, NAME_LENGTH_MAX - 1 - hash.length)}-${hash}`,
        ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
        ownerReferences: [controllerReference(this.#deployment)],
        labels,
        annotations: {
          ...newestAnnotations(this.#deployment, {}, revision),
          ...sizeAnnotations(this.#deployment),
        },
      },
      spec: {
        replicas: newestSize(this.#deployment, sets),
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [POD_TEMPLATE_HASH]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
  }

  /** Gives a set another size; false if it has it. */
  #scaleTo(set: ReplicaSet, size: number): boolean {
    if (replicasOf(set) === size) return false
    this.#resize(set, size)
    return true
  }

  /** Gives a set a size and the annotations that tell of it; the set as it is then. Source: sync.go `scaleReplicaSet`. */
  #resize(set: ReplicaSet, size: number): ReplicaSet {
    const present = set.metadata?.annotations ?? {}
    const annotations = { ...present, ...sizeAnnotations(this.#deployment) }
    if (replicasOf(set) === size && isSameAnnotations(present, annotations)) return set
    const resized: ReplicaSet = {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...specOf(set), replicas: size },
    }
    this.#writes.update('ReplicaSet', resized)
    return resized
  }

  /** Deletes old sets beyond the history that is kept, those of the lowest revisions. Source: sync.go `cleanupDeployment`. */
  #cleanUp(old: readonly ReplicaSet[]): void {
    const limit = historyLimitOf(this.#deployment)
    if (limit === undefined) return
    const alive = old.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    const surplus = alive.toSorted(compareByRevision).slice(0, Math.max(0, alive.length - limit))
    for (const set of surplus) {
      const isSeen = (set.metadata?.generation ?? 0) <= (set.status?.observedGeneration ?? 0)
      const isEmpty = replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0
      if (isEmpty && isSeen) this.#writes.delete('ReplicaSet', set)
    }
  }

  /**
   * Departs from Kubernetes, which looks at a Deployment ten times a second while pods of a rollout that is over are not
   * available: time alone changes nothing about it.
   */
  #report(sets: DeploymentSets): RoundResult {
    const { clock } = this.#parts
    if (this.#writeStatus(rolloutStatus(this.#deployment, sets, clock))) return {}
    if (conditionOf(this.#deployment.status, 'Progressing')?.reason === 'NewReplicaSetAvailable') return {}
    const checkAfter = nextProgressCheck(this.#deployment, clock)
    return checkAfter === undefined ? {} : { checkAfter }
  }

  /** False if the status says nothing new. */
  #writeStatus(status: DeploymentStatus): boolean {
    if (canonicalJson(status) === canonicalJson(this.#deployment.status ?? {})) return false
    this.#deployment = { ...this.#deployment, status }
    this.#writes.update('Deployment', this.#deployment)
    return true
  }

  #setCondition(condition: Pick<NewCondition, 'reason' | 'message'>, status: NewCondition['status']): void {
    const present = this.#deployment.status
    const conditions = withCondition(
      present?.conditions,
      { type: 'Progressing', status, ...condition },
      this.#parts.clock,
    )
    this.#deployment = { ...this.#deployment, status: { ...present, conditions } }
  }

  /** False if the Deployment has that revision. */
  #setRevision(revision: string): boolean {
    const { metadata } = this.#deployment
    if (metadata?.annotations?.[REVISION] === revision) return false
    const annotations = { ...metadata?.annotations, [REVISION]: revision }
    this.#deployment = { ...this.#deployment, metadata: { ...metadata, annotations } }
    return true
  }
}

function specOf({ spec }: ReplicaSet): NonNullable<ReplicaSet['spec']> {
  return spec ?? { selector: {} }
}
