import type {
  OwnerReference,
  ResourceClaimTemplate,
  V1ResourceClaim as ResourceClaim,
} from '../api/types.generated.ts'
import type { ObjectStore } from '../cluster/object-store.ts'

const FINALIZER = 'resource.kubernetes.io/delete-protection'

/** A claim that is made from a template for its owner: a pod, or a PodGroup. */
export interface MadeClaim {
  readonly name: string
  readonly namespace: string
  /** Name of the claim in the owner's `spec.resourceClaims`. */
  readonly claim: string
  /** Key of the annotation that says so. */
  readonly annotation: string
  readonly owner: Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>
  readonly template: ResourceClaimTemplate
}

/** The ResourceClaim as it is created. */
export function claimFromTemplate(made: MadeClaim): ResourceClaim {
  const { spec } = made.template
  const { labels, annotations } = spec?.metadata ?? {}
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      name: made.name,
      namespace: made.namespace,
      uid: `${made.owner.uid}/${made.claim}`,
      annotations: { ...annotations, [made.annotation]: made.claim },
      ...(labels === undefined ? {} : { labels }),
      ownerReferences: [{ ...made.owner, controller: true, blockOwnerDeletion: true }],
    },
    ...(spec?.spec === undefined ? {} : { spec: spec.spec }),
  }
}

/** The one with this uid uses the claim no more; without anybody it has no devices, and one that was made for it goes. */
export function releaseClaim(claims: ObjectStore<ResourceClaim>, key: string, uid: string): void {
  const claim = claims.get(key)
  if (claim === undefined) return
  const before = claim.status?.reservedFor ?? []
  const reservedFor = before.filter((consumer) => consumer.uid !== uid)
  if (reservedFor.length < before.length) claims.update(released(claim, reservedFor))
  const isOwned = (claim.metadata?.ownerReferences ?? []).some(
    (owner) => owner.controller === true && owner.uid === uid,
  )
  if (isOwned) claims.delete(key)
}

function released(
  claim: ResourceClaim,
  reservedFor: NonNullable<NonNullable<ResourceClaim['status']>['reservedFor']>,
): ResourceClaim {
  const { resourceVersion: _, ...metadata } = claim.metadata ?? {}
  if (reservedFor.length > 0) return { ...claim, metadata, status: { ...claim.status, reservedFor } }
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER)
  return { ...claim, metadata: { ...metadata, finalizers }, status: {} }
}
