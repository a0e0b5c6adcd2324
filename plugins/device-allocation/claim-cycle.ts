import { compileNodeSelector } from '../../src/api/selectors.ts'
import type { NodePredicate } from '../../src/api/selectors.ts'
import type {
  AllocationResult,
  DeviceClass,
  PodSpec,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import { unresolvable } from '../../src/scheduler/framework/index.ts'
import type { ClusterView, NodeIndex, PodIdentity, Rejection } from '../../src/scheduler/framework/index.ts'
import { claimBook } from './claim-book.ts'
import type { DeviceState } from './allocator.ts'
import { slicesOf } from './device-slices.ts'
import { deviceClassFor } from './extended-resources.ts'
import { claimsOf, groupClaimsOf } from './pod-claims.ts'
import type { ClaimTerm, GroupClaims } from './pod-claims.ts'

/** What is kept of a pod that asks for devices. */
export interface DeviceTerm extends ClaimTerm {
  /** Extended resources that it asks for, with their amounts. */
  readonly extended: ReadonlyMap<string, number>
  readonly spec: PodSpec
  /** Whether attributes of devices may be lists: the feature gate DRAListTypeAttributes. */
  readonly hasLists: boolean
}

/** A claim that has its devices, and the nodes from which they can be used. */
interface AllocatedClaim {
  readonly claim: ResourceClaim
  readonly isAvailableOn: NodePredicate
}

/** What a node gives the claims that have no devices yet. */
export interface NodeClaims {
  /** Claims and their allocations, in order. */
  readonly claims: readonly ResourceClaim[]
  readonly allocations: readonly AllocationResult[]
}

/** What one scheduling cycle knows of a pod's claims. */
export interface ClaimCycle {
  readonly pod: PodIdentity
  readonly groupClaims: GroupClaims | undefined
  readonly claims: readonly ResourceClaim[]
  readonly allocated: readonly AllocatedClaim[]
  readonly pending: readonly ResourceClaim[]
  /** Classes by extended resource; undefined when the pod asks for none that has a class. */
  readonly classes: ReadonlyMap<string, DeviceClass> | undefined
  /** The claim that an earlier attempt has left behind: it has to go first. */
  readonly stale: ResourceClaim | undefined
  readonly devices: DeviceState
  /** What was found out of nodes so far. */
  readonly nodes: Map<NodeIndex, NodeClaims | Rejection>
  /** Claims that were not available on some node. */
  readonly unavailable: Set<ResourceClaim>
}

/** The start of a cycle: nothing to do, no node will do, or what to look at nodes with. */
export function beginCycle(
  term: DeviceTerm,
  cluster: ClusterView,
  pod: PodIdentity,
): { readonly skip: true } | { readonly reject: Rejection } | { readonly state: ClaimCycle } {
  const found = claimsOf(term, pod, cluster)
  if (found.claims === undefined) return { reject: unresolvable(found.reason) }
  const { claims } = found
  const classes = classesOf(term, cluster)
  if (claims.length === 0 && classes === undefined) return { skip: true }
  const pending = claims.filter((claim) => claim.status?.allocation === undefined)
  for (const claim of pending) {
    const reason = missingClass(claim, cluster)
    if (reason !== undefined) return { reject: reason }
  }
  const state: ClaimCycle = {
    pod,
    groupClaims: groupClaimsOf(term, cluster),
    claims,
    allocated: claims.flatMap((claim) => {
      const selector = claim.status?.allocation?.nodeSelector
      if (claim.status?.allocation === undefined) return []
      return [{ claim, isAvailableOn: selector === undefined ? () => true : compileNodeSelector(selector) }]
    }),
    pending,
    classes,
    stale: classes === undefined ? undefined : claimBook(cluster).claimOfEarlierAttempt(pod),
    devices: deviceState(cluster, term.hasLists),
    nodes: new Map(),
    unavailable: new Set(),
  }
  return { state }
}

function classesOf(term: DeviceTerm, cluster: ClusterView): ReadonlyMap<string, DeviceClass> | undefined {
  const classes = new Map<string, DeviceClass>()
  for (const resource of term.extended.keys()) {
    const deviceClass = deviceClassFor(resource, cluster)
    if (deviceClass !== undefined) classes.set(resource, deviceClass)
  }
  return classes.size === 0 ? undefined : classes
}

/** Source: Kubernetes v1.37, scheduler plugins/dynamicresources `PreFilter` and `validateDeviceClass`. */
function missingClass(claim: ResourceClaim, cluster: ClusterView): Rejection | undefined {
  for (const { name, exactly, firstAvailable = [] } of claim.spec?.devices?.requests ?? []) {
    const named =
      exactly === undefined
        ? firstAvailable.map((each) => [`${name}/${each.name}`, each.deviceClassName] as const)
        : [[name, exactly.deviceClassName] as const]
    if (named.length === 0) {
      const { namespace = '', name: claimName = '' } = claim.metadata ?? {}
      return unresolvable(`resource claim ${namespace}/${claimName}, request ${name}: unknown request type`)
    }
    for (const [request, className] of named) {
      if (cluster.object('DeviceClass', className) === undefined) {
        return unresolvable(`request ${request}: device class ${className} does not exist`)
      }
    }
  }
  return undefined
}

function deviceState(cluster: ClusterView, hasLists: boolean): DeviceState {
  return {
    slices: slicesOf(cluster),
    allocated: claimBook(cluster).allocated,
    hasLists,
    deviceClass: (name) => cluster.object('DeviceClass', name) as DeviceClass | undefined,
  }
}
