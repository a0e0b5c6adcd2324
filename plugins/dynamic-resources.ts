import type { AllocationResult, V1ResourceClaim as ResourceClaim } from '../src/api/types.generated.ts'
import { PASS, definePlugin, schedulingError, unresolvable } from '../src/scheduler/framework/index.ts'
import type {
  NodeColumns,
  NodeIndex,
  PluginFactory,
  PostFilterResult,
  Rejection,
  Reservation,
  SchedulerPlugin,
} from '../src/scheduler/framework/index.ts'
import { AllocationError } from './device-allocation/allocation-error.ts'
import type { DeviceAsk, FoundDevices, NodeAnswer } from './device-allocation/allocation-memory.ts'
import { beginCycle } from './device-allocation/claim-cycle.ts'
import type { ClaimCycle, DeviceTerm } from './device-allocation/claim-cycle.ts'
import { isClaimHint } from './device-allocation/claim-hints.ts'
import { deviceClassFor, extendedRequests } from './device-allocation/extended-resources.ts'
import { claimsOf, consumerOf, isReservedFor, uidOf } from './device-allocation/pod-claims.ts'
import { readArguments } from './plugin-arguments.ts'

/** Pods that may use one claim at a time (Kubernetes v1.37, `ResourceClaimReservedForMaxSize`). */
const RESERVED_FOR_MAX = 256
/** Keeps a claim from being deleted while it has devices. */
const FINALIZER = 'resource.kubernetes.io/delete-protection'

const NOT_AVAILABLE = unresolvable('resourceclaim not available on the node')
const STALE_CLAIM = unresolvable('cannot schedule extended resource claim')
const NO_SUCH_RESOURCE = unresolvable('cannot fit resource')
const NOTHING: FoundDevices = Object.freeze({ solutions: [], preference: 0 })

type DeviceColumns = Pick<NodeColumns, 'name' | 'labels' | 'allocatableScalar'>

/**
 * Devices that pods claim, by ResourceClaims or as extended resources that a DeviceClass stands for: keeps pods off nodes
 * that cannot give all of their claims, and sets the devices aside on the node that is chosen.
 *
 * Score: for each alternative that was taken of a prioritised list 8 less its place, scaled to 100 by the maximum.
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources.
 */
export const dynamicResources: PluginFactory = (args, context) => {
  const read = readArguments(args, context, ['filterTimeout', 'bindingTimeout'])
  if (read['filterTimeout'] !== undefined)
    context.warn('filterTimeout', 'has no effect: filters take no time')
  if (read['bindingTimeout'] !== undefined) {
    context.warn('bindingTimeout', 'has no effect: devices are ready at once')
  }
  return makePlugin({
    hasGroupClaims: context.gates.get('DRAWorkloadResourceClaims') ?? false,
    hasLists: context.gates.get('DRAListTypeAttributes') ?? false,
    hasFractions: context.gates.get('DRAFractionalCapacityRange') ?? false,
    hasAlternatives: context.gates.get('DRAPrioritizedList') ?? true,
    hasExtended: context.gates.get('DRAExtendedResource') ?? true,
  })
}

/** Feature gates that change what the plugin does. */
interface DeviceFeatures {
  readonly hasGroupClaims: boolean
  readonly hasLists: boolean
  readonly hasFractions: boolean
  readonly hasAlternatives: boolean
  readonly hasExtended: boolean
}

const makePlugin = (features: DeviceFeatures): SchedulerPlugin =>
  definePlugin({
    name: 'DynamicResources',
    reads: ['name', 'labels', 'allocatableScalar'],
    sized: false,

    sign: (pod) => ((pod.spec.resourceClaims ?? []).length > 0 ? undefined : {}),

    compile: (pod): DeviceTerm => ({
      namespace: pod.namespace,
      claims: pod.spec.resourceClaims ?? [],
      extended: features.hasExtended ? extendedRequests(pod) : new Map(),
      spec: pod.spec,
      group: features.hasGroupClaims ? pod.spec.schedulingGroup?.podGroupName : undefined,
      hasLists: features.hasLists,
      hasFractions: features.hasFractions,
      hasAlternatives: features.hasAlternatives,
    }),

    gate(term, cluster, pod) {
      if (term.claims.length === 0) return undefined
      const found = claimsOf(term, pod, cluster)
      return found.claims === undefined ? unresolvable(found.reason) : undefined
    },

    screen: (term) => (term.claims.length + term.extended.size === 0 ? { skip: true } : undefined),

    isIdle: (term, cluster) =>
      term.claims.length === 0 &&
      (term.extended.size === 0 ||
        [...term.extended.keys()].every((resource) => deviceClassFor(resource, cluster) === undefined)),

    prepare: beginCycle,

    filter(term, node, nodes, state) {
      let found = state.nodes.get(node)
      if (found === undefined) {
        found = answerOf(term, node, nodes, state)
        state.nodes.set(node, found)
      }
      return 'code' in found ? found : PASS
    },

    postFilterNeedsLowerPriority: true,
    postFilterNeedsLowerRoom: () => true,

    postFilter: (term, context, state) =>
      context.isPrepared ? freeClaim(term, state) : outcome('Error', 'not found'),

    prepareScore: (_term, _cluster, _found, _pod, state: ClaimCycle | undefined) => ({ state }),

    score(_term, node, _nodes, state: ClaimCycle | undefined) {
      const found = state?.nodes.get(node)
      if (state === undefined || found === undefined || 'code' in found) return 0
      return found.solutions.length === 0 ? 0 : state.preference + found.preference
    },

    normalize: 'by-maximum',

    reserve: (term, node, nodes, { state }) =>
      state === undefined ? undefined : reserveClaims(term, node, nodes, state),

    hint: isClaimHint,
  })

/** What the node has for the pod's claims, or why it will not do. */
function answerOf(term: DeviceTerm, node: NodeIndex, nodes: DeviceColumns, state: ClaimCycle): NodeAnswer {
  const ask = askOf(term, node, nodes, state)
  if (ask !== undefined && 'code' in ask) return ask
  const found = ask === undefined ? NOTHING : answer(ask, node, nodes, state)
  if ('code' in found) return found
  let isMissing = false
  for (const { claim, isAvailableOn, hasFailed } of state.allocated) {
    if (!hasFailed && isAvailableOn(nodes.labels(node), nodes.name(node))) continue
    state.unavailable.add(claim)
    isMissing = true
  }
  return isMissing ? NOT_AVAILABLE : found
}

/** The claims that want devices of the node; undefined when none do. */
function askOf(
  term: DeviceTerm,
  node: NodeIndex,
  nodes: DeviceColumns,
  state: ClaimCycle,
): DeviceAsk | Rejection | undefined {
  const { classes } = state
  if (classes === undefined) return state.pending
  if (state.stale !== undefined) return STALE_CLAIM
  let isOfDevices = state.claims.length > 0
  for (const resource of term.extended.keys()) {
    const isOfNode = nodes.allocatableScalar(node, resource) > 0
    if (classes.has(resource)) isOfDevices ||= !isOfNode
    else if (!isOfNode) return NO_SUCH_RESOURCE
  }
  // As upstream, once devices have to stand for one resource, they do for all that have a class.
  return isOfDevices ? state.withExtended : state.pending
}

function answer(ask: DeviceAsk, node: NodeIndex, nodes: DeviceColumns, state: ClaimCycle): NodeAnswer {
  try {
    return state.memory.answer(ask, node, nodes)
  } catch (error) {
    if (error instanceof AllocationError) return schedulingError(error.message)
    throw error
  }
}

/** Takes the devices from a claim that nobody else uses and that was in the way; a stale claim of its own goes. */
function freeClaim(_term: DeviceTerm, state: ClaimCycle | undefined): PostFilterResult {
  if (state === undefined) return outcome('Unschedulable', '')
  for (const claim of state.unavailable) {
    const reservedFor = claim.status?.reservedFor ?? []
    if (reservedFor.every(({ uid }) => uid === uidOf(state.pod)) && reservedFor.length <= 1) {
      const updated = { ...claim, kind: 'ResourceClaim', metadata: claim.metadata ?? {}, status: {} }
      return { ...outcome('Unschedulable', 'deallocation of ResourceClaim completed'), updated: [updated] }
    }
  }
  if (state.stale === undefined) return outcome('Unschedulable', '')
  const deleted = { ...state.stale, kind: 'ResourceClaim', metadata: state.stale.metadata ?? {} }
  return { ...outcome('Unschedulable', 'deletion of ResourceClaim completed'), deleted: [deleted] }
}

function outcome(code: PostFilterResult['code'], message: string): PostFilterResult {
  return { code, message, candidates: [], ties: [], clearNomination: false }
}

/** What the node gives the claims that have no devices yet. */
function givenOn(
  term: DeviceTerm,
  node: NodeIndex,
  nodes: DeviceColumns,
  state: ClaimCycle,
): { readonly claims: readonly ResourceClaim[]; readonly allocations: readonly AllocationResult[] } {
  const found = state.nodes.get(node)
  const ask = askOf(term, node, nodes, state)
  if (found === undefined || 'code' in found || ask === undefined || 'code' in ask) {
    return { claims: [], allocations: [] }
  }
  return { claims: ask.claims, allocations: state.memory.allocations(ask, found, nodes.name(node)) }
}

/** The pod's claims as the binding leaves them: with their devices, and with the pod among those that use them. */
function reserveClaims(
  term: DeviceTerm,
  node: NodeIndex,
  nodes: DeviceColumns,
  state: ClaimCycle,
): Reservation {
  const given = givenOn(term, node, nodes, state)
  const claims = [...state.allocated.map(({ claim }) => claim), ...given.claims]
  const objects = claims.flatMap((claim) => {
    const consumer = consumerOf(claim, state.pod, state.groupClaims)
    if (isReservedFor(claim, consumer)) return []
    const allocation = given.allocations[given.claims.indexOf(claim)] ?? claim.status?.allocation
    const reservedFor = [...(claim.status?.reservedFor ?? []), consumer]
    const { finalizers = [] } = claim.metadata ?? {}
    const metadata = {
      ...claim.metadata,
      finalizers: finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER],
    }
    return [
      { ...claim, kind: 'ResourceClaim', metadata, status: { ...claim.status, allocation, reservedFor } },
    ]
  })
  const crowded = objects.find(({ status }) => status.reservedFor.length > RESERVED_FOR_MAX)
  if (crowded === undefined) return { objects }
  const name = crowded.metadata.name ?? ''
  return {
    failure: `add reservation to claim ${name}: status.reservedFor: Too many: must have at most ${RESERVED_FOR_MAX} items`,
  }
}
