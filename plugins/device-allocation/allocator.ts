import type {
  AllocationResult,
  DeviceClass,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { AllocatedDevices } from './allocated-devices.ts'
import { allocationOf } from './allocation-results.ts'
import { gatherPools } from './device-pools.ts'
import type { DevicePool } from './device-pools.ts'
import { DeviceSearch } from './device-search.ts'
import type { SliceIndex, TargetNode } from './device-slices.ts'

/** The state of the cluster's devices that claims are allocated from. */
export interface DeviceState {
  readonly slices: SliceIndex
  readonly allocated: AllocatedDevices
  /** Whether attributes may be lists: the feature gate DRAListTypeAttributes. */
  readonly hasLists: boolean
  /** Whether ranges of capacities may be counted in thousandths: DRAFractionalCapacityRange. */
  readonly hasFractions?: boolean
  deviceClass(name: string): DeviceClass | undefined
}

/** What a node has for some claims: an allocation each, or that it does not have them. */
export type NodeAllocation =
  | { readonly found: readonly AllocationResult[] }
  | { readonly found: undefined; readonly reason: string }

/**
 * Allocates devices for claims on a node: the definition that `AllocationMemory` answers to. Throws `AllocationError` when a claim cannot be allocated anywhere for what it
 * or a class says.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured.
 */
export function allocateOn(
  node: TargetNode,
  claims: readonly ResourceClaim[],
  state: DeviceState,
): NodeAllocation {
  const pools = gatherPools(state.slices, node)
  const context = {
    node,
    pools,
    allocated: state.allocated,
    hasLists: state.hasLists,
    hasFractions: state.hasFractions,
    deviceClass: (name: string) => state.deviceClass(name),
  }
  const solutions = new DeviceSearch(claims, context).run()
  if (solutions !== undefined) {
    return { found: solutions.map((solution) => allocationOf(solution, node.name)) }
  }
  return { found: undefined, reason: reasonAgainst(pools) }
}

/** Why a node with these pools does not have what claims ask for. */
export function reasonAgainst(pools: readonly DevicePool[]): string {
  return pools.some((pool) => pool.isInvalid)
    ? 'invalid resource pools were encountered'
    : 'cannot allocate all claims'
}
