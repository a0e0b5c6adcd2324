import type {
  AllocatedDeviceStatus,
  DeviceRequestAllocationResult,
  PodResourceClaim,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { ClusterView, PodIdentity } from '../../src/scheduler/framework/index.ts'

/** What the claims of a pod are looked up by. */
export interface ClaimTerm {
  readonly namespace: string
  /** `spec.resourceClaims`. */
  readonly claims: readonly PodResourceClaim[]
}

/** The claims that a pod refers to, or why it has to wait for one. */
export type PodClaims =
  | { readonly claims: readonly ResourceClaim[] }
  | { readonly claims: undefined; readonly reason: string }

/** Claims of the cluster in order of creation, as bindings that are under way will leave them. */
export function allClaims(cluster: ClusterView): Iterable<ResourceClaim> {
  return cluster.objects('ResourceClaim') as Iterable<ResourceClaim>
}

/**
 * The claims of a pod as the cluster stands; a claim that its template was not asked to make is left out.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `foreachPodResourceClaim` and
 * dynamic-resource-allocation/resourceclaim.
 */
export function claimsOf(term: ClaimTerm, pod: PodIdentity, cluster: ClusterView): PodClaims {
  const claims: ResourceClaim[] = []
  const waits = (reason: string): PodClaims => ({ claims: undefined, reason })
  for (const reference of term.claims) {
    let name = reference.resourceClaimName
    const isMade = name === undefined
    if (name === undefined) {
      if (reference.resourceClaimTemplateName === undefined) {
        const place = `pod "${pod.key}", spec.resourceClaim "${reference.name}"`
        return waits(`${place}: none of the supported fields are set`)
      }
      const status = pod.resourceClaimStatuses.find((each) => each.name === reference.name)
      if (status === undefined) return waits(`pod "${pod.key}": ResourceClaim not created yet`)
      if (status.resourceClaimName === undefined) continue
      name = status.resourceClaimName
    }
    const key = `${term.namespace}/${name}`
    const claim = cluster.object('ResourceClaim', key) as ResourceClaim | undefined
    if (claim === undefined) return waits(`could not find ResourceClaim "${key}"`)
    if (claim.metadata?.deletionTimestamp !== undefined) {
      return waits(`resourceclaim "${name}" is being deleted`)
    }
    if (isMade && !isControlledBy(claim, pod)) {
      return waits(`ResourceClaim ${key} was not created for Pod ${pod.key} (Pod is not owner)`)
    }
    claims.push(claim)
  }
  return { claims }
}

/** What identifies a pod in claims: its uid, or its name where the run gave it none. */
export function uidOf(pod: PodIdentity): string {
  return pod.uid === '' ? pod.key : pod.uid
}

/** Whether the claim may be used by the pod already. */
export function isReservedFor(claim: ResourceClaim, pod: PodIdentity): boolean {
  return (claim.status?.reservedFor ?? []).some(({ uid }) => uid === uidOf(pod))
}

/** Whether the pod is the controller of an object. */
export function isControlledBy({ metadata }: ResourceClaim, pod: PodIdentity): boolean {
  return (metadata?.ownerReferences ?? []).some(
    ({ controller, uid }) => controller === true && uid === uidOf(pod),
  )
}

/**
 * Whether a device of the claim says that it cannot be made ready for its pod: one of its binding failure conditions is
 * true.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `isClaimReadyForBinding`; claims that merely take too long
 * are not found.
 */
export function hasBindingFailed({ status }: ResourceClaim): boolean {
  for (const result of status?.allocation?.devices?.results ?? []) {
    if ((result.bindingConditions ?? []).length === 0) continue
    const device = (status?.devices ?? []).find((each) => isSameDevice(each, result))
    if (device === undefined) return false
    const isTrue = (type: string): boolean =>
      (device.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
    if ((result.bindingFailureConditions ?? []).some(isTrue)) return true
    if (!(result.bindingConditions ?? []).every(isTrue)) return false
  }
  return false
}

function isSameDevice(one: AllocatedDeviceStatus, other: DeviceRequestAllocationResult): boolean {
  return one.device === other.device && one.driver === other.driver && one.pool === other.pool
}
