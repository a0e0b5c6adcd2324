import type {
  ContainerStatus,
  OwnerReference,
  Pod,
  PodCondition,
  PodExtendedResourceClaimStatus,
  PodResourceClaimStatus,
} from '../api/types.generated.ts'

/** What some pods say of themselves beyond their template: fields of metadata and status by their Kubernetes names. */
export interface PodDetails {
  readonly uid?: string
  /** Who must act before the pod may go: its deletion waits for them. */
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[]
  readonly extendedResourceClaimStatus?: PodExtendedResourceClaimStatus
  /** Conditions beyond those that follow from the pod's row (see `podObject`), which come before these of the same type. */
  readonly conditions?: readonly PodCondition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly podIP?: string
  /** Why it is in this state, for people. */
  readonly message?: string
}

/** The details of a pod object. */
export function detailsOfPod({ metadata, status }: Pod): PodDetails {
  const { uid, ownerReferences } = metadata ?? {}
  const { resourceClaimStatuses, extendedResourceClaimStatus } = status ?? {}
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
    ...(resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses }),
    ...(extendedResourceClaimStatus === undefined ? {} : { extendedResourceClaimStatus }),
  }
}

/** The details of a pod that has none. */
export const NO_DETAILS: PodDetails = Object.freeze({})
