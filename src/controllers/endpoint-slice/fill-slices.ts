import type { Endpoint, EndpointSlice, Service, V1EndpointPort } from '../../api/types.generated.ts'
import { endpointKey, isSameEndpoint } from './endpoint.ts'
import type { AddressType } from './endpoint.ts'
import { draftOf, newSlice, sliceLabels } from './slice.ts'
import type { SliceDraft } from './slice.ts'

/** What becomes of the slices of one service: those to be made, changed and deleted. */
export interface SliceChanges {
  readonly toCreate: SliceDraft[]
  readonly toUpdate: SliceDraft[]
  readonly toDelete: EndpointSlice[]
}

/** What the slices with one map of ports should hold. */
export interface DesiredEndpoints {
  readonly ports: readonly V1EndpointPort[]
  readonly addressType: AddressType
  /** By `endpointKey`; emptied as they find their places. */
  readonly endpoints: Map<string, Endpoint>
}

/**
 * Brings endpoints into slices with as few writes as may be: endpoints stay where they are; what is new fills slices that change
 * anyway, the fullest first, then one unchanged slice that takes all of the rest, then new ones.
 *
 * Where the real one takes them in the random order of a Go map, here the order is that of the pods and of the slices. Source:
 * Kubernetes v1.37, endpointslice `reconcileByPortMapping`.
 */
export function fillSlices(
  service: Service,
  existing: readonly EndpointSlice[],
  desired: DesiredEndpoints,
  endpointsMax: number,
): SliceChanges {
  const { endpoints } = desired
  const { unchanged, changed, toDelete } = placeKnown(service, existing, endpoints)
  const byLength = [...changed].sort((one, other) => other.endpoints.length - one.endpoints.length)
  for (const draft of byLength) fill(draft, endpoints, endpointsMax)
  const toCreate: SliceDraft[] = []
  while (endpoints.size > 0) {
    const fitting =
      endpoints.size < endpointsMax ? fittingSlice(unchanged, endpoints.size, endpointsMax) : undefined
    const draft =
      fitting === undefined ? newSlice(service, desired.ports, desired.addressType) : draftOf(fitting)
    fill(draft, endpoints, endpointsMax)
    if (fitting === undefined) {
      toCreate.push(draft)
    } else {
      changed.push(draft)
      unchanged.splice(unchanged.indexOf(fitting), 1)
    }
  }
  return { toCreate, toUpdate: changed, toDelete }
}

/** Finds desired endpoints in their slices, and takes them from the map; others leave their slices. */
function placeKnown(
  service: Service,
  existing: readonly EndpointSlice[],
  desired: Map<string, Endpoint>,
): {
  readonly unchanged: EndpointSlice[]
  readonly changed: SliceDraft[]
  readonly toDelete: EndpointSlice[]
} {
  const unchanged: EndpointSlice[] = []
  const changed: SliceDraft[] = []
  const toDelete: EndpointSlice[] = []
  for (const slice of existing) {
    const present = slice.endpoints ?? []
    const kept: Endpoint[] = []
    let hasUpdates = false
    for (const endpoint of present) {
      const key = endpointKey(endpoint)
      const now = desired.get(key)
      if (now === undefined) continue
      kept.push(now)
      if (!isSameEndpoint(now, endpoint)) hasUpdates = true
      desired.delete(key)
    }
    const { labels, haveChanged } = sliceLabels(slice.metadata?.labels ?? {}, service)
    if (hasUpdates || kept.length !== present.length) {
      if (kept.length === 0) toDelete.push(slice)
      else changed.push(draftOf(slice, kept, labels))
    } else if (haveChanged) {
      changed.push(draftOf(slice, present, labels))
    } else {
      unchanged.push(slice)
    }
  }
  return { unchanged, changed, toDelete }
}

/** Takes endpoints from the map into the slice while it has room. */
function fill({ endpoints }: SliceDraft, desired: Map<string, Endpoint>, endpointsMax: number): void {
  for (const [key, endpoint] of desired) {
    if (endpoints.length >= endpointsMax) return
    endpoints.push(endpoint)
    desired.delete(key)
  }
}

/** The slice that is fullest once that many endpoints are added to it; none when they do not fit, or would be its first (`getSliceToFill`). */
function fittingSlice(
  slices: readonly EndpointSlice[],
  count: number,
  endpointsMax: number,
): EndpointSlice | undefined {
  let least = endpointsMax
  let best: EndpointSlice | undefined
  for (const slice of slices) {
    const room = endpointsMax - (count + (slice.endpoints ?? []).length)
    if (room < 0 || room >= least) continue
    least = room
    best = slice
  }
  return best
}
