import type {
  OwnerReference,
  PodExtendedResourceClaimStatus,
  PodResourceClaimStatus,
} from '../../api/types.generated.ts'

/** What pods of one shape differ in: `prepare` and `reserve` are told of the pod of the cycle by it. */
export interface PodIdentity {
  /** `namespace/name`. */
  readonly key: string
  /** `metadata.name`. */
  readonly name: string
  /** `metadata.uid`; empty when it has none. */
  readonly uid: string
  readonly ownerReferences: readonly OwnerReference[]
  /** `status.resourceClaimStatuses`. */
  readonly resourceClaimStatuses: readonly PodResourceClaimStatus[]
  /** `status.extendedResourceClaimStatus`. */
  readonly extendedResourceClaimStatus: PodExtendedResourceClaimStatus | undefined
}
