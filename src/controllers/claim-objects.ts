import { controllerOf } from '../api/owner-references.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { OwnerReference } from '../api/types.generated.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { claimOf } from './claim-pods.ts'
import type { ObjectWrites } from './object-writes.ts'
import type { OwnedObjects } from './owned-objects.ts'

/** The reference by which an object names its controller. */
export function controllerReference({ apiVersion, kind, metadata }: StoredObject): OwnerReference {
  return {
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/**
 * The objects of a controller, as ReplicaSets of a Deployment: those that it controls and its selector matches, and those that
 * nobody controls, which it adopts; it lets go of those that its selector does not match any more.
 *
 * Source: kube-controller-manager v1.37, controller_ref_manager.go `ReplicaSetControllerRefManager`.
 */
export function claimObjects<T extends StoredObject>(
  index: OwnedObjects<T>,
  kind: string,
  claimer: {
    readonly object: StoredObject
    readonly selector: LabelPredicate
    readonly writes: ObjectWrites
  },
): readonly T[] {
  const { object, selector, writes } = claimer
  const { namespace = '', uid = '', deletionTimestamp } = object.metadata ?? {}
  const claimed: T[] = []
  for (const candidate of [...index.of(uid), ...index.orphansIn(namespace)]) {
    const { metadata } = candidate
    const claim = claimOf({
      claimer: uid,
      controller: controllerOf(candidate)?.uid,
      isClaimerGoing: deletionTimestamp !== undefined,
      isGoing: metadata?.deletionTimestamp !== undefined,
      isMatching: selector(metadata?.labels ?? {}),
    })
    const references = metadata?.ownerReferences ?? []
    if (claim === 'own') claimed.push(candidate)
    else if (claim === 'adopt') {
      const adopted = withOwners(candidate, [...references, controllerReference(object)])
      writes.update(kind, adopted)
      claimed.push(adopted)
    } else if (claim === 'release') {
      const others = references.filter((reference) => reference.uid !== uid)
      writes.update(kind, withOwners(candidate, others))
    }
  }
  return claimed
}

function withOwners<T extends StoredObject>(object: T, ownerReferences: readonly OwnerReference[]): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences } }
}
