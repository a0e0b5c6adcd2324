import type {
  AllocatedDeviceStatus,
  DeviceRequestAllocationResult,
  PodGroup,
  PodResourceClaim,
  ResourceClaimConsumerReference,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { ClusterView, PodIdentity } from '../../src/scheduler/framework/index.ts'

/** What the claims of a pod are looked up by. */
export interface ClaimTerm {
  readonly namespace: string
  /** `spec.resourceClaims`. */
  readonly claims: readonly PodResourceClaim[]
  /** `spec.schedulingGroup.podGroupName`; undefined while the feature gate DRAWorkloadResourceClaims is off. */
  readonly group: string | undefined
}

/** What a pod shares with its PodGroup. */
export interface GroupClaims {
  readonly name: string
  readonly uid: string
  /** Names of the ResourceClaims that are the group's. */
  readonly claims: ReadonlySet<string>
}

/** The claims that a pod refers to, or why it has to wait for one. */
export type PodClaims =
  | { readonly claims: readonly ResourceClaim[] }
  | { readonly claims: undefined; readonly reason: string }

/** Key of a claim among all objects of its kind. */
export function claimKey({ metadata }: ResourceClaim): string {
  const { namespace = '', name = '' } = metadata ?? {}
  return namespace === '' ? name : `${namespace}/${name}`
}

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
  const group = groupClaimsOf(term, cluster)
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
    const owner = group?.claims.has(name) === true ? group.uid : uidOf(pod)
    if (isMade && !isControlledBy(claim, owner)) {
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

/**
 * The claims that a pod has in common with its PodGroup: those that both list under one name, from the same claim or
 * template. Undefined when there are none.
 *
 * Source: Kubernetes v1.37, `PodGroupSpec.resourceClaims`.
 */
export function groupClaimsOf(term: ClaimTerm, cluster: ClusterView): GroupClaims | undefined {
  if (term.group === undefined || term.claims.length === 0) return undefined
  const key = `${term.namespace}/${term.group}`
  const group = cluster.object('PodGroup', key) as PodGroup | undefined
  const shared = (group?.spec.resourceClaims ?? []).filter((one) =>
    term.claims.some(
      (other) =>
        other.name === one.name &&
        other.resourceClaimName === one.resourceClaimName &&
        other.resourceClaimTemplateName === one.resourceClaimTemplateName,
    ),
  )
  if (shared.length === 0) return undefined
  const made = group?.status?.resourceClaimStatuses ?? []
  const claims = shared.flatMap(
    ({ name, resourceClaimName }) =>
      resourceClaimName ?? made.find((each) => each.name === name)?.resourceClaimName ?? [],
  )
  return { name: term.group, uid: group?.metadata?.uid ?? key, claims: new Set(claims) }
}

/** The one that a claim is reserved for when a pod uses it: the pod, or the PodGroup whose claim it is. */
export function consumerOf(
  claim: ResourceClaim,
  pod: PodIdentity,
  group: GroupClaims | undefined,
): ResourceClaimConsumerReference {
  if (group?.claims.has(claim.metadata?.name ?? '') === true) {
    return { apiGroup: 'scheduling.k8s.io', resource: 'podgroups', name: group.name, uid: group.uid }
  }
  return { resource: 'pods', name: pod.name, uid: uidOf(pod) }
}

/** Whether the claim may be used by its consumer already. */
export function isReservedFor(claim: ResourceClaim, consumer: ResourceClaimConsumerReference): boolean {
  return (claim.status?.reservedFor ?? []).some(({ uid }) => uid === consumer.uid)
}

/** Whether the one with this uid is the controller of an object. */
export function isControlledBy({ metadata }: ResourceClaim, owner: string): boolean {
  return (metadata?.ownerReferences ?? []).some(({ controller, uid }) => controller === true && uid === owner)
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
