import type { OwnerReference, PersistentVolumeClaim, StatefulSet } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectStore } from '../cluster/object-store.ts'
import { controllerReference } from './controller-revisions.ts'
import { isInOrdinalRange } from './stateful-range.ts'
import { claimName } from './stateful-pod.ts'
import type { StatefulPod } from './stateful-pod.ts'

const RETAIN = 'Retain'

/** Who may control a claim, beside nobody. */
interface Owners {
  readonly set: OwnerReference
  readonly pod: OwnerReference
}

/**
 * Claims of a StatefulSet's pods: made from `volumeClaimTemplates` before the pod, and given owners by
 * `persistentVolumeClaimRetentionPolicy`, so that the garbage collector deletes them: with the set (`whenDeleted`), or with the
 * pod that is scaled down (`whenScaled`).
 *
 * Source: Kubernetes v1.37, controller/statefulset, stateful_pod_control.go and stateful_set_utils.go.
 */
export class StatefulClaims {
  readonly #store: ObjectStore<PersistentVolumeClaim>
  readonly #call: (write: () => boolean) => void

  /** `call` makes a write when the client may, in order; at once by default. A write says whether it succeeded. */
  constructor(api: ApiServer, call: (write: () => boolean) => void = (write) => void write()) {
    this.#store = api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
    this.#call = call
  }

  /** Creates what is missing; false when a claim is being deleted, which the pod has to wait for. */
  create(set: StatefulSet, pod: StatefulPod): boolean {
    let isComplete = true
    for (const template of set.spec?.volumeClaimTemplates ?? []) {
      const name = claimName(set, template.metadata?.name ?? '', pod.ordinal)
      const namespace = set.metadata?.namespace ?? ''
      const present = this.#store.get(`${namespace}/${name}`)
      if (present !== undefined) {
        if (present.metadata?.deletionTimestamp !== undefined) isComplete = false
        continue
      }
      const labels = { ...template.metadata?.labels, ...set.spec?.selector.matchLabels }
      this.#call(() => {
        const created = this.#store.create({
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          ...template,
          metadata: { ...template.metadata, name, namespace, labels },
        })
        return created.ok || created.reason === 'AlreadyExists'
      })
    }
    return isComplete
  }

  /** Whether a claim is there that belongs to a pod of the same name that has gone, and goes with it: no pod may use it. */
  isStale(set: StatefulSet, pod: StatefulPod): boolean {
    const { whenScaled = RETAIN } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {}
    if (whenScaled === RETAIN) return false
    const { pod: owner } = ownersOf(set, pod)
    return this.#claimsOf(set, pod).some((claim) => isStaleOwner(claim, owner))
  }

  /** Whether all claims of the pod have the owners that the policy wants. */
  match(set: StatefulSet, pod: StatefulPod): boolean {
    return this.#claimsOf(set, pod).every((claim) => isUpToDate(claim, set, pod))
  }

  /** Gives the claims of the pod the owners that the policy wants. */
  applyPolicy(set: StatefulSet, pod: StatefulPod): void {
    for (const claim of this.#claimsOf(set, pod)) {
      if (isUpToDate(claim, set, pod)) continue
      const ownerReferences = wantedReferences(claim, set, pod)
      this.#call(() => this.#store.update({ ...claim, metadata: { ...claim.metadata, ownerReferences } }).ok)
    }
  }

  #claimsOf(set: StatefulSet, pod: StatefulPod): PersistentVolumeClaim[] {
    const namespace = set.metadata?.namespace ?? ''
    return (set.spec?.volumeClaimTemplates ?? []).flatMap(
      ({ metadata }) =>
        this.#store.get(`${namespace}/${claimName(set, metadata?.name ?? '', pod.ordinal)}`) ?? [],
    )
  }
}

function ownersOf(set: StatefulSet, { name, stored }: StatefulPod): Owners {
  return {
    set: controllerReference(set),
    pod: controllerReference({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, uid: stored?.uid ?? '' },
    }),
  }
}

/** Which of the two is to own the claims of a pod. */
function wantedOwners(set: StatefulSet, pod: StatefulPod): { readonly set: boolean; readonly pod: boolean } {
  const { whenDeleted = RETAIN, whenScaled = RETAIN } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {}
  const goesWithPod = whenScaled !== RETAIN && !isInOrdinalRange(set, pod.ordinal)
  return { set: whenDeleted !== RETAIN && !goesWithPod, pod: goesWithPod }
}

function isUpToDate(claim: PersistentVolumeClaim, set: StatefulSet, pod: StatefulPod): boolean {
  const owners = ownersOf(set, pod)
  if (isStaleOwner(claim, owners.set) || isStaleOwner(claim, owners.pod)) return true
  const has = { set: hasOwner(claim, owners.set), pod: hasOwner(claim, owners.pod) }
  if (hasOtherController(claim, set, owners)) return !has.set && !has.pod
  if (hasOwnerWithoutControl(claim, owners)) return false
  const wanted = wantedOwners(set, pod)
  return has.set === wanted.set && has.pod === wanted.pod
}

function wantedReferences(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  pod: StatefulPod,
): OwnerReference[] {
  const owners = ownersOf(set, pod)
  const others = referencesOf(claim).filter(
    (reference) => !isSame(reference, owners.set) && !isSame(reference, owners.pod),
  )
  if (hasOtherController(claim, set, owners)) return others
  const wanted = wantedOwners(set, pod)
  return [...others, ...(wanted.set ? [owners.set] : []), ...(wanted.pod ? [owners.pod] : [])]
}

function referencesOf(claim: PersistentVolumeClaim): readonly OwnerReference[] {
  return claim.metadata?.ownerReferences ?? []
}

/** Whether both name the same object; not whether it is still that one. */
function isSame(one: OwnerReference, other: OwnerReference): boolean {
  return one.apiVersion === other.apiVersion && one.kind === other.kind && one.name === other.name
}

function hasOwner(claim: PersistentVolumeClaim, owner: OwnerReference): boolean {
  return referencesOf(claim).some(({ uid }) => uid === owner.uid)
}

/** Whether the claim is owned by an object of that name that was there before. */
function isStaleOwner(claim: PersistentVolumeClaim, owner: OwnerReference): boolean {
  const named = referencesOf(claim).find((reference) => isSame(reference, owner))
  return named !== undefined && named.uid !== owner.uid
}

/** Whether something else controls the claim; with a policy that only retains, that is nobody's concern. */
function hasOtherController(claim: PersistentVolumeClaim, set: StatefulSet, owners: Owners): boolean {
  const { whenDeleted = RETAIN, whenScaled = RETAIN } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {}
  if (whenDeleted === RETAIN && whenScaled === RETAIN) return false
  return referencesOf(claim).some((reference) => {
    const ours = [owners.set, owners.pod].find((owner) => isSame(reference, owner))
    return ours === undefined ? reference.controller === true : reference.uid !== ours.uid
  })
}

function hasOwnerWithoutControl(claim: PersistentVolumeClaim, owners: Owners): boolean {
  return referencesOf(claim).some(
    ({ uid, controller }) => (uid === owners.set.uid || uid === owners.pod.uid) && controller !== true,
  )
}
