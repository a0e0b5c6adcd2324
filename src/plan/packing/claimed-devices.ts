import { resourcesOfClass } from '../../api/device-class-resource.ts'
import type {
  DeviceClass,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceSlice,
  V1ResourceClaim,
} from '../../api/types.generated.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { PodDetails } from '../../cluster/pod-details.ts'

/** Name of the amount of devices of ResourceSlices in a packing problem: not a resource of Kubernetes. */
export const CLAIMED_DEVICES = 'devices'

/** Devices of ResourceSlices as far as an exact bound may count on them. */
export interface ClaimedDevices {
  /** Extended resources that a DeviceClass stands for: nodes without them may have devices. */
  readonly delegated: ReadonlySet<string>
  /** Devices that each node has to itself, by name; undefined where nodes share devices, or pods do. */
  readonly byNode: ReadonlyMap<string, number> | undefined
  /** Devices that a pod has to itself at least, by claims that were made for it alone. */
  readonly claimedBy: (details: PodDetails | undefined, namespace: string) => number
}

/** Reads what objects say of devices. */
export function claimedDevices(objects: readonly StoredObject[]): ClaimedDevices {
  const of = <Kind>(kind: string): readonly Kind[] =>
    objects.filter((object) => object.kind === kind) as readonly unknown[] as readonly Kind[]
  const claims = new Map<string, number>()
  for (const { metadata = {}, spec } of of<V1ResourceClaim>('ResourceClaim')) {
    // A claim without a pod as its owner may be used by many.
    const isOwn = metadata.ownerReferences?.some(({ kind }) => kind === 'Pod') === true
    const requests = spec?.devices?.requests ?? []
    const count = requests.reduce((sum, request) => sum + fewestOf(request), 0)
    if (isOwn) claims.set(objectKey(metadata), count)
  }
  return {
    delegated: new Set(of<DeviceClass>('DeviceClass').flatMap(resourcesOfClass)),
    byNode: devicesByNode(of<ResourceSlice>('ResourceSlice')),
    claimedBy: (details, namespace) =>
      (details?.resourceClaimStatuses ?? []).reduce(
        (sum, { resourceClaimName: name = '' }) => sum + (claims.get(objectKey({ namespace, name })) ?? 0),
        0,
      ),
  }
}

function devicesByNode(slices: readonly ResourceSlice[]): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>()
  for (const { spec } of slices) {
    const devices = spec?.devices ?? []
    if (
      spec?.nodeName === undefined ||
      devices.some(({ allowMultipleAllocations }) => allowMultipleAllocations)
    )
      return undefined
    counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + devices.length)
  }
  return counts
}

/** Devices that a request takes away from other claims at least. */
function fewestOf({ exactly, firstAvailable }: DeviceRequest): number {
  if (exactly !== undefined) return exactly.adminAccess === true ? 0 : countOf(exactly)
  return Math.min(...(firstAvailable ?? []).map(countOf))
}

function countOf({ allocationMode, count }: ExactDeviceRequest | DeviceSubRequest): number {
  return allocationMode === 'All' ? 1 : (count ?? 1)
}
