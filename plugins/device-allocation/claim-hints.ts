import type { V1ResourceClaim as ResourceClaim } from '../../src/api/types.generated.ts'
import type { ClusterChange, ClusterView, PodIdentity } from '../../src/scheduler/framework/index.ts'
import type { DeviceTerm } from './claim-cycle.ts'
import { claimsOf } from './pod-claims.ts'

/**
 * Whether a pod that waits for claims or devices is worth another try after a change.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `EventsToRegister` and the hints named there.
 */
export function isClaimHint(
  term: DeviceTerm,
  change: ClusterChange,
  cluster: ClusterView,
  pod: PodIdentity,
): boolean {
  switch (change.type) {
    case 'node-added':
      return true
    case 'node-updated':
      return (
        !isEqual(change.old.metadata?.labels, change.node.metadata?.labels) ||
        !isEqual(change.old.status?.allocatable, change.node.status?.allocatable)
      )
    case 'pending-pod-updated':
      // A change that leaves the shape as it is is one of the status: of the claims that were made for the pod.
      return change.itself && change.old === change.pod && claimsOf(term, pod, cluster).claims !== undefined
    case 'object-changed':
      return isObjectHint(term, change, cluster, pod)
    default:
      return false
  }
}

function isObjectHint(
  term: DeviceTerm,
  change: Extract<ClusterChange, { type: 'object-changed' }>,
  cluster: ClusterView,
  pod: PodIdentity,
): boolean {
  switch (change.kind) {
    case 'DeviceClass':
    case 'ResourceSlice':
      return change.verb !== 'DELETED'
    case 'DeviceTaintRule':
      // The real one sees a taint rule as a change of the slices that it concerns.
      return true
    case 'ResourceClaim':
      return (
        change.verb !== 'DELETED' &&
        isAfterClaim(
          term,
          change.old as ResourceClaim | undefined,
          change.object as ResourceClaim,
          cluster,
          pod,
        )
      )
    default:
      return false
  }
}

/** A claim lost its devices, or one of the pod's own came or changed its status. */
function isAfterClaim(
  term: DeviceTerm,
  old: ResourceClaim | undefined,
  claim: ResourceClaim,
  cluster: ClusterView,
  pod: PodIdentity,
): boolean {
  const isFreed = old?.status?.allocation !== undefined && claim.status?.allocation === undefined
  if (!isFreed && !refersTo(term, claim, pod)) return false
  if (claimsOf(term, pod, cluster).claims === undefined) return false
  return isFreed || old === undefined || !isEqual(old.status, claim.status)
}

function refersTo(term: DeviceTerm, { metadata }: ResourceClaim, pod: PodIdentity): boolean {
  if (metadata?.namespace !== term.namespace) return false
  const { name } = metadata
  return (
    term.claims.some(({ resourceClaimName }) => resourceClaimName === name) ||
    pod.resourceClaimStatuses.some(({ resourceClaimName }) => resourceClaimName === name)
  )
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
