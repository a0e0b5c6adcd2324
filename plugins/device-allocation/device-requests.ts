import type {
  CapacityRequirements,
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { AllocatedDevices, Amounts } from './allocated-devices.ts'
import { AllocationError } from './allocation-error.ts'
import { consumptionOf, hasCapacity } from './device-capacity.ts'
import type { CapacityRequest } from './device-capacity.ts'
import type { DevicePool } from './device-pools.ts'
import { matchesSelectors } from './device-selectors.ts'
import type { SliceDevice, TargetNode } from './device-slices.ts'
import type { SearchMemory } from './search-memory.ts'

/** Most devices that one claim can be given (Kubernetes v1.37, `AllocationResultsMaxSize`). */
export const CLAIM_DEVICES_MAX = 32

/** A device with the pool that it was found in. */
export interface PooledDevice {
  readonly device: SliceDevice
  readonly pool: DevicePool
}

/** A request of a claim, or one of its alternatives, on one node. */
export interface RequestData extends CapacityRequest {
  readonly name: string
  /** Name of the request that this is an alternative of. */
  readonly parent: string | undefined
  readonly deviceClass: DeviceClass
  readonly adminAccess: boolean
  readonly selectors: readonly DeviceSelector[]
  readonly tolerations: readonly DeviceToleration[]
  readonly deviceCount: number
  /** The devices, when the request is for all that match. */
  readonly allDevices: readonly PooledDevice[] | undefined
  /** Whether devices satisfy the selectors, as far as it was asked. */
  readonly matches: Map<SliceDevice, boolean>
  /** What it takes of devices, as far as it was asked. */
  readonly takes: Map<SliceDevice, DeviceTake>
}

/** What a request takes of a device. */
export interface DeviceTake {
  /** Undefined when the device does not have what is asked, or does not give such amounts. */
  readonly amounts: Amounts | undefined
  /** Whether the device has room for them when nobody else has a part of it. */
  readonly fitsAlone: boolean
}

/** What requests are looked at with. */
export interface RequestContext {
  readonly node: TargetNode
  readonly pools: readonly DevicePool[]
  /** Whether attributes may be lists. */
  readonly hasLists: boolean
  /** Whether ranges of capacities may be counted in thousandths. */
  readonly hasFractions?: boolean | undefined
  readonly allocated: AllocatedDevices
  deviceClass(name: string): DeviceClass | undefined
  /** What searches over these pools have left; without it everything is found out anew. */
  readonly memory?: SearchMemory
}

/** A request's name in the result: with that of the alternative after a slash. */
export function resultName({ name, parent }: RequestData): string {
  return parent === undefined ? name : `${parent}/${name}`
}

/**
 * The requests of a claim, each with its alternatives in order of preference; a plain request is its only one.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/structured/internal/incubating `Allocate`.
 */
export function requestsOf(claim: ResourceClaim, context: RequestContext): RequestData[][] {
  const requests = (claim.spec?.devices?.requests ?? []).map((request) =>
    alternativesOf(request, claim, context),
  )
  const least = requests.reduce(
    (sum, alternatives) => sum + Math.min(...alternatives.map(({ deviceCount }) => deviceCount)),
    0,
  )
  if (least > CLAIM_DEVICES_MAX) {
    throw new AllocationError(
      `claim ${claimName(claim)}: number of requested devices ${least} exceeds the claim limit of ${CLAIM_DEVICES_MAX}`,
    )
  }
  return requests
}

/** `namespace/name` of a claim. */
export function claimName(claim: ResourceClaim): string {
  return `${claim.metadata?.namespace ?? ''}/${claim.metadata?.name ?? ''}`
}

/** Whether a device satisfies the selectors of a request and of its class, and is for the node. */
export function isSelectable(
  request: RequestData,
  device: SliceDevice,
  claim: ResourceClaim,
  node: TargetNode,
): boolean {
  let isMatch = request.matches.get(device)
  if (isMatch === undefined) {
    const { deviceClass, selectors } = request
    const ofClass = deviceClass.spec?.selectors ?? []
    isMatch =
      matchesSelectors(device, ofClass, `class ${deviceClass.metadata?.name ?? ''}`) &&
      matchesSelectors(device, selectors, `claim ${claimName(claim)}`)
    request.matches.set(device, isMatch)
  }
  return isMatch && (!device.slice.selectsByDevice || device.targets(node))
}

/** What a request takes of each capacity of a device. Throws `AllocationError` where `consumptionOf` does. */
export function takeOf(request: RequestData, device: SliceDevice): DeviceTake {
  let take = request.takes.get(device)
  if (take === undefined) {
    const amounts = consumptionOf(device, request)
    const fitsAlone = amounts !== undefined && hasCapacity(device, amounts, undefined, undefined)
    take = { amounts, fitsAlone }
    request.takes.set(device, take)
  }
  return take
}

function alternativesOf(
  request: DeviceRequest,
  claim: ResourceClaim,
  context: RequestContext,
): RequestData[] {
  const { exactly, firstAvailable = [], name } = request
  if (firstAvailable.length > 0) {
    return firstAvailable.map((alternative) =>
      dataOf({ ...alternative, parent: name, adminAccess: false }, claim, context),
    )
  }
  if (exactly === undefined) {
    throw new AllocationError(`claim ${claimName(claim)}, request ${name}: unknown request type`)
  }
  return [dataOf({ ...exactly, name, parent: undefined }, claim, context)]
}

interface Wanted {
  readonly name: string
  readonly parent: string | undefined
  readonly deviceClassName: string
  readonly adminAccess?: boolean
  readonly allocationMode?: string
  readonly count?: number
  readonly selectors?: readonly DeviceSelector[]
  readonly tolerations?: readonly DeviceToleration[]
  readonly capacity?: CapacityRequirements
}

function dataOf(wanted: Wanted, claim: ResourceClaim, context: RequestContext): RequestData {
  const place = `claim ${claimName(claim)}, request ${wanted.name}`
  const deviceClass = context.deviceClass(wanted.deviceClassName)
  if (deviceClass === undefined) {
    throw new AllocationError(`${place}: could not retrieve device class ${wanted.deviceClassName}`)
  }
  const selectors = wanted.selectors ?? []
  const findings = context.memory?.findings(
    [...(deviceClass.spec?.selectors ?? []), ...selectors],
    wanted.capacity,
  )
  const data: RequestData = {
    name: wanted.name,
    parent: wanted.parent,
    deviceClass,
    adminAccess: wanted.adminAccess ?? false,
    selectors,
    tolerations: wanted.tolerations ?? [],
    capacity: wanted.capacity,
    hasFractions: context.hasFractions ?? false,
    deviceCount: wanted.count ?? 1,
    allDevices: undefined,
    matches: findings?.matches ?? new Map(),
    takes: findings?.takes ?? new Map(),
  }
  switch (wanted.allocationMode ?? 'ExactCount') {
    case 'ExactCount':
      return data
    case 'All': {
      const allDevices = allDevicesOf(data, claim, context, place)
      return { ...data, allDevices, deviceCount: allDevices.length }
    }
    default:
      throw new AllocationError(`${place}: unsupported count mode ${wanted.allocationMode ?? ''}`)
  }
}

/** All devices that match; only whole pools can say which these are. */
function allDevicesOf(
  request: RequestData,
  claim: ResourceClaim,
  { pools, node, allocated }: RequestContext,
  place: string,
): PooledDevice[] {
  const found: PooledDevice[] = []
  for (const pool of pools) {
    const state = pool.isIncomplete ? 'being updated' : pool.isInvalid ? 'invalid' : undefined
    if (state !== undefined) {
      throw new AllocationError(
        `${place}: asks for all devices, but resource pool ${pool.driver}/${pool.pool} is currently ${state}`,
      )
    }
    for (const slice of pool.slices) {
      for (const device of slice.devices) {
        if (!isSelectable(request, device, claim, node)) continue
        const amounts = consumptionOf(device, request)
        const isRoomy =
          amounts !== undefined && hasCapacity(device, amounts, allocated.consumedOf(device.id), undefined)
        if (isRoomy) found.push({ device, pool })
      }
    }
  }
  return found
}
