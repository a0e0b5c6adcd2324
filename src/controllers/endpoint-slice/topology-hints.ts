import type { Endpoint, EndpointSlice } from '../../api/types.generated.ts'
import { isReadyEndpoint } from './endpoint.ts'
import type { AddressType } from './endpoint.ts'
import { draftOf } from './slice.ts'
import type { SliceDraft } from './slice.ts'
import type { TopologyCache } from './topology-cache.ts'
import { add, allocateZones, exchangeOf } from './zone-allocation.ts'
import type { ZoneAllocation, ZoneCounts } from './zone-allocation.ts'

/** Slices of one service and family of addresses on their way to be written. */
export interface SlicesToHint {
  readonly serviceKey: string
  readonly addressType: AddressType
  readonly toCreate: readonly SliceDraft[]
  /** Unchanged slices whose hints change are added. */
  readonly toUpdate: SliceDraft[]
  readonly unchanged: readonly EndpointSlice[]
}

const MODE = 'service.kubernetes.io/topology-mode'
const OLD_MODE = 'service.kubernetes.io/topology-aware-hints'

/** Whether a service asks for hints that share its endpoints among the zones (`hintsEnabled`). */
export function asksForHints(annotations: Readonly<Record<string, string>> = {}): boolean {
  const mode = annotations[OLD_MODE] ?? annotations[MODE]
  return mode === 'Auto' || mode === 'auto'
}

/**
 * Gives ready endpoints hints to zones, so that each zone has endpoints by its part of the cpu: first to their own, then some to
 * others. Takes all hints away when that cannot be.
 *
 * Source: Kubernetes v1.37, endpointslice/topologycache `AddHints`. Which endpoints of a zone are hinted to another one follows the
 * order of the slices.
 */
export function addHints(cache: TopologyCache, slices: SlicesToHint): void {
  const { serviceKey, addressType, toCreate, toUpdate, unchanged } = slices
  const endpoints = [...toCreate, ...toUpdate].flatMap((draft) => draft.endpoints)
  const ready = [...endpoints, ...unchanged.flatMap((slice) => slice.endpoints ?? [])].filter(isReadyEndpoint)
  const allocations = allocateZones(cache.cpuRatios, ready.length)
  if (allocations === undefined) {
    cache.removeHints(serviceKey, addressType)
    removeHints(slices)
    return
  }
  const { counts, left } = keptHints(unchanged, allocations, toUpdate)
  const drafts = [...toCreate, ...toUpdate]
  const isHinted = drafts.every((draft) => hintToOwnZone(draft.endpoints, counts))
  if (isHinted) redistribute(drafts, exchangeOf(allocations, counts), counts)
  if (!isHinted || counts.size === 0) {
    cache.removeHints(serviceKey, addressType)
    removeHints({ ...slices, unchanged: left })
    return
  }
  cache.setHints(serviceKey, addressType, counts)
}

/** Takes the hints from all slices; unchanged ones that have some are changed (`RemoveHintsFromSlices`). */
export function removeHints({ toCreate, toUpdate, unchanged }: SlicesToHint): void {
  for (const slice of unchanged) {
    if ((slice.endpoints ?? []).some(({ hints }) => hints !== undefined)) toUpdate.push(draftOf(slice))
  }
  for (const { endpoints } of [...toCreate, ...toUpdate]) {
    endpoints.forEach((endpoint, index) => {
      endpoints[index] = withoutHints(endpoint)
    })
  }
}

/** Counts the hints of unchanged slices; those whose hints cannot stay are to be changed, too (`getAllocatedHintsByZone`). */
function keptHints(
  unchanged: readonly EndpointSlice[],
  allocations: ReadonlyMap<string, ZoneAllocation>,
  toUpdate: SliceDraft[],
): { readonly counts: ZoneCounts; readonly left: readonly EndpointSlice[] } {
  const counts: ZoneCounts = new Map()
  const left: EndpointSlice[] = []
  for (const slice of unchanged) {
    const own = hintsOf(slice, counts, allocations)
    if (own === undefined) {
      toUpdate.push(draftOf(slice))
      continue
    }
    left.push(slice)
    for (const [zone, count] of own) add(counts, zone, count)
  }
  return { counts, left }
}

/** Hints of a slice by zone; undefined when one is missing, or leads where none are wanted, or not so many (`getHintsByZone`). */
function hintsOf(
  { endpoints = [] }: EndpointSlice,
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, ZoneAllocation>,
): ZoneCounts | undefined {
  const own: ZoneCounts = new Map()
  for (const endpoint of endpoints) {
    if (!isReadyEndpoint(endpoint)) continue
    const zones = endpoint.hints?.forZones ?? []
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return undefined
    for (const { name } of zones) add(own, name, 1)
  }
  for (const [zone, count] of own) {
    if (count + (counts.get(zone) ?? 0) > (allocations.get(zone)?.maximum ?? 0)) return undefined
  }
  return own
}

/** False when an endpoint is in no zone. */
function hintToOwnZone(endpoints: Endpoint[], counts: ZoneCounts): boolean {
  for (const [index, endpoint] of endpoints.entries()) {
    if (!isReadyEndpoint(endpoint)) continue
    const { zone = '' } = endpoint
    if (zone === '') return false
    add(counts, zone, 1)
    endpoints[index] = hintedTo(endpoint, zone)
  }
  return true
}

/** Hints endpoints of zones that have too many to zones that have too few (`redistributeHints`). */
function redistribute(
  drafts: readonly SliceDraft[],
  { giving, receiving }: { readonly giving: ZoneCounts; readonly receiving: ZoneCounts },
  counts: ZoneCounts,
): void {
  for (const { endpoints } of drafts) {
    for (const [index, endpoint] of endpoints.entries()) {
      if (!isReadyEndpoint(endpoint)) continue
      const from = endpoint.zone ?? ''
      if ((giving.get(from) ?? 0) === 0) continue
      const to = [...receiving].find(([, count]) => count > 0)?.[0]
      if (to === undefined) return
      endpoints[index] = hintedTo(endpoint, to)
      add(giving, from, -1)
      add(receiving, to, -1)
      add(counts, from, -1)
      add(counts, to, 1)
    }
  }
}

function hintedTo(endpoint: Endpoint, zone: string): Endpoint {
  return { ...endpoint, hints: { forZones: [{ name: zone }] } }
}

function withoutHints(endpoint: Endpoint): Endpoint {
  if (endpoint.hints === undefined) return endpoint
  const { hints: _, ...rest } = endpoint
  return rest
}
