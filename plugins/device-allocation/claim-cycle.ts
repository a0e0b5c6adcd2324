import { compileNodeSelector } from '../../src/api/selectors.ts'
import type { NodePredicate } from '../../src/api/selectors.ts'
import type {
  DeviceClass,
  NodeSelector,
  PodSpec,
  ResourceClaimSpec,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import { unresolvable } from '../../src/scheduler/framework/index.ts'
import type { ClusterView, NodeIndex, PodIdentity, Rejection } from '../../src/scheduler/framework/index.ts'
import { allocationMemory } from './allocation-memory.ts'
import type { AllocationMemory, DeviceAsk, NodeAnswer } from './allocation-memory.ts'
import { claimBook } from './claim-book.ts'
import { deviceClassFor, deviceRequests, extendedResourceClaim } from './extended-resources.ts'
import { claimsOf, groupClaimsOf, hasBindingFailed } from './pod-claims.ts'
import type { ClaimTerm, GroupClaims } from './pod-claims.ts'
import { preferenceOfAllocated } from './preference-score.ts'

/** What is kept of a pod that asks for devices. */
export interface DeviceTerm extends ClaimTerm {
  /** Extended resources that it asks for, with their amounts. */
  readonly extended: ReadonlyMap<string, number>
  readonly spec: PodSpec
  /** Whether attributes of devices may be lists: the feature gate DRAListTypeAttributes. */
  readonly hasLists: boolean
  /** Whether their ranges may be counted in thousandths: the feature gate DRAFractionalCapacityRange. */
  readonly hasFractions: boolean
  /** Whether requests may have alternatives: the feature gate DRAPrioritizedList. */
  readonly hasAlternatives: boolean
}

/** A claim that has its devices, and the nodes from which they can be used. */
interface AllocatedClaim {
  readonly claim: ResourceClaim
  readonly isAvailableOn: NodePredicate
  /** Whether a device says that it cannot be made ready. */
  readonly hasFailed: boolean
}

/** What devices have to stand for of a pod's extended resources. */
interface ExtendedRequests {
  /** Classes by extended resource. */
  readonly classes: ReadonlyMap<string, DeviceClass>
  /** Spec of the claim for them. */
  readonly spec: ResourceClaimSpec
}

/** What one scheduling cycle knows of a pod's claims. */
export interface ClaimCycle {
  readonly pod: PodIdentity
  readonly groupClaims: GroupClaims | undefined
  readonly claims: readonly ResourceClaim[]
  readonly allocated: readonly AllocatedClaim[]
  /** What the alternatives count that allocated claims have. */
  readonly preference: number
  /** The claims that have no devices yet; undefined when all have. */
  readonly pending: DeviceAsk | undefined
  /** Those, and one for the extended resources, for nodes that have not got these themselves. */
  readonly withExtended: DeviceAsk | undefined
  /** Classes by extended resource; undefined when the pod asks for none that has a class. */
  readonly classes: ReadonlyMap<string, DeviceClass> | undefined
  /** The claim that an earlier attempt has left behind: it has to go first. */
  readonly stale: ResourceClaim | undefined
  readonly memory: AllocationMemory
  /** What was found out of nodes so far. */
  readonly nodes: Map<NodeIndex, NodeAnswer>
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
  const extended = extendedOf(term, cluster)
  if (claims.length === 0 && extended === undefined) return { skip: true }
  const pending = claims.filter((claim) => claim.status?.allocation === undefined)
  for (const claim of pending) {
    const reason = missingClass(claim, cluster, term.hasAlternatives)
    if (reason !== undefined) return { reject: reason }
  }
  const allocated = claims.filter((claim) => claim.status?.allocation !== undefined)
  const memory = allocationMemory(cluster, term)
  const forExtended =
    extended === undefined ? [] : [extendedResourceClaim(pod, term.namespace, extended.spec)]
  const state: ClaimCycle = {
    pod,
    groupClaims: groupClaimsOf(term, cluster),
    claims,
    allocated: allocated.map((claim) => {
      return { claim, isAvailableOn: availability(claim), hasFailed: hasBindingFailed(claim) }
    }),
    preference: allocated.reduce((sum, claim) => sum + preferenceOfAllocated(claim), 0),
    pending: pending.length === 0 ? undefined : memory.ask(pending),
    withExtended: extended === undefined ? undefined : memory.ask([...pending, ...forExtended]),
    classes: extended?.classes,
    stale: extended === undefined ? undefined : claimBook(cluster).claimOfEarlierAttempt(pod),
    memory,
    nodes: new Map(),
    unavailable: new Set(),
  }
  return { state }
}

const availabilities = new WeakMap<NodeSelector, NodePredicate>()

/** The nodes from which the devices of an allocated claim can be used. */
function availability({ status }: ResourceClaim): NodePredicate {
  const selector = status?.allocation?.nodeSelector
  if (selector === undefined) return () => true
  let predicate = availabilities.get(selector)
  if (predicate === undefined) {
    predicate = compileNodeSelector(selector)
    availabilities.set(selector, predicate)
  }
  return predicate
}

const extendedByTerm = new WeakMap<
  DeviceTerm,
  {
    readonly cluster: ClusterView
    readonly revision: number
    readonly extended: ExtendedRequests | undefined
  }
>()

/** What devices stand for of a term's extended resources; undefined when no class stands for any. */
function extendedOf(term: DeviceTerm, cluster: ClusterView): ExtendedRequests | undefined {
  if (term.extended.size === 0) return undefined
  const revision = cluster.revisionOf('DeviceClass')
  const known = extendedByTerm.get(term)
  if (known?.cluster === cluster && known.revision === revision) return known.extended
  const classes = new Map<string, DeviceClass>()
  for (const resource of term.extended.keys()) {
    const deviceClass = deviceClassFor(resource, cluster)
    if (deviceClass !== undefined) classes.set(resource, deviceClass)
  }
  const extended =
    classes.size === 0
      ? undefined
      : { classes, spec: { devices: { requests: deviceRequests(term.spec, classes) } } }
  extendedByTerm.set(term, { cluster, revision, extended })
  return extended
}

/** Source: Kubernetes v1.37, scheduler plugins/dynamicresources `PreFilter` and `validateDeviceClass`. */
function missingClass(
  claim: ResourceClaim,
  cluster: ClusterView,
  hasAlternatives: boolean,
): Rejection | undefined {
  const { namespace = '', name: claimName = '' } = claim.metadata ?? {}
  for (const { name, exactly, firstAvailable = [] } of claim.spec?.devices?.requests ?? []) {
    const named =
      exactly === undefined
        ? firstAvailable.map((each) => [`${name}/${each.name}`, each.deviceClassName] as const)
        : [[name, exactly.deviceClassName] as const]
    const place = `resource claim ${namespace}/${claimName}, request ${name}`
    if (named.length === 0) return unresolvable(`${place}: unknown request type`)
    if (exactly === undefined && !hasAlternatives) {
      return unresolvable(`${place}: has subrequests, but the DRAPrioritizedList feature is disabled`)
    }
    for (const [request, className] of named) {
      if (cluster.object('DeviceClass', className) === undefined) {
        return unresolvable(`request ${request}: device class ${className} does not exist`)
      }
    }
  }
  return undefined
}
