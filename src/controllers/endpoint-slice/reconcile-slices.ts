import type { EndpointSlice, Node, Service } from '../../api/types.generated.ts'
import { desiredEndpoints } from './desired-endpoints.ts'
import { addressTypesOf, portMapKey } from './endpoint.ts'
import type { AddressType, EndpointPod } from './endpoint.ts'
import { fillSlices } from './fill-slices.ts'
import type { SliceChanges } from './fill-slices.ts'
import { isSliceOf, newSlice, sliceLabels, writtenSlice } from './slice.ts'
import type { SliceDraft } from './slice.ts'
import type { TopologyCache } from './topology-cache.ts'
import { addHints, asksForHints, removeHints } from './topology-hints.ts'
import { distributionOf, hintByDistribution } from './traffic-distribution.ts'

/** The cluster, as endpoints follow from it. */
export interface EndpointCluster {
  readonly nodeOf: (name: string) => Node | undefined
  readonly topology: TopologyCache
  /** `--max-endpoints-per-slice` of kube-controller-manager: 100. */
  readonly endpointsMax: number
}

/** Writes that bring the slices of a service in line, in order. */
export interface SliceWrites {
  readonly create: readonly EndpointSlice[]
  /** Whole slices, by the name of a stored one. */
  readonly update: readonly EndpointSlice[]
  readonly delete: readonly EndpointSlice[]
  /** A pod was left out since its node is not there: to be looked at again. */
  readonly isIncomplete: boolean
}

/**
 * What to write so that the slices of a service hold its pods.
 *
 * Source: Kubernetes v1.37, endpointslice `Reconciler.Reconcile`. Leaves out the annotation
 * `endpoints.kubernetes.io/last-change-trigger-time`, and events.
 */
export function reconcileSlices(
  service: Service,
  pods: readonly EndpointPod[],
  existing: readonly EndpointSlice[],
  cluster: EndpointCluster,
): SliceWrites {
  const types = addressTypesOf(service)
  const serviceKey = serviceKeyOf(service)
  const stale = existing.filter(({ addressType }) => types.every((type) => type !== addressType))
  for (const { addressType } of stale) cluster.topology.removeHints(serviceKey, addressType as AddressType)
  const parts = types.map((type) => {
    const own = existing.filter(({ addressType }) => addressType === type)
    return reconcileType(service, pods, own, { cluster, type })
  })
  return {
    create: parts.flatMap(({ create }) => create),
    update: parts.flatMap(({ update }) => update),
    delete: [...parts.flatMap((part) => part.delete), ...stale],
    isIncomplete: parts.some(({ isIncomplete }) => isIncomplete),
  }
}

/** `namespace/name` of a service. */
export function serviceKeyOf({ metadata }: Service): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
}

/** The same for one family of addresses (`reconcileByAddressType`). */
function reconcileType(
  service: Service,
  pods: readonly EndpointPod[],
  existing: readonly EndpointSlice[],
  { cluster, type }: { readonly cluster: EndpointCluster; readonly type: AddressType },
): SliceWrites {
  const byPorts = new Map<string, EndpointSlice[]>()
  const changes: SliceChanges = { toCreate: [], toUpdate: [], toDelete: [] }
  for (const slice of existing) {
    if (!isSliceOf(slice, service)) {
      changes.toDelete.push(slice)
      continue
    }
    const key = portMapKey(slice.ports ?? [])
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice])
  }
  const { desired, isIncomplete } = desiredEndpoints(service, pods, type, cluster.nodeOf)
  for (const [key, one] of desired) {
    const filled = fillSlices(service, byPorts.get(key) ?? [], one, cluster.endpointsMax)
    changes.toCreate.push(...filled.toCreate)
    changes.toUpdate.push(...filled.toUpdate)
    changes.toDelete.push(...filled.toDelete)
  }
  for (const [key, slices] of byPorts) if (!desired.has(key)) changes.toDelete.push(...slices)
  keepPlaceholder(service, type, existing, changes)
  hint(service, type, existing, changes, cluster.topology)
  return { ...writesOf(service, changes), isIncomplete }
}

/** A service without endpoints has one empty slice without ports. */
function keepPlaceholder(
  service: Service,
  type: AddressType,
  existing: readonly EndpointSlice[],
  { toCreate, toDelete }: SliceChanges,
): void {
  if (existing.length !== toDelete.length || toCreate.length > 0) return
  const [only] = toDelete
  if (toDelete.length === 1 && only !== undefined && isPlaceholder(only, service)) toDelete.pop()
  else toCreate.push(newSlice(service, [], type))
}

function isPlaceholder(slice: EndpointSlice, service: Service): boolean {
  const { endpoints = [], ports = [], metadata } = slice
  const present = metadata?.labels ?? {}
  const { labels } = sliceLabels(present, service)
  const keys = new Set([...Object.keys(labels), ...Object.keys(present)])
  return (
    endpoints.length === 0 &&
    ports.length === 0 &&
    isSliceOf(slice, service) &&
    [...keys].every((key) => (labels[key] ?? '') === (present[key] ?? ''))
  )
}

function hint(
  service: Service,
  addressType: AddressType,
  existing: readonly EndpointSlice[],
  { toCreate, toUpdate, toDelete }: SliceChanges,
  topology: TopologyCache,
): void {
  const changed = new Set([
    ...toUpdate.map(({ name }) => name),
    ...toDelete.map(({ metadata }) => metadata?.name),
  ])
  const unchanged = existing.filter(({ metadata }) => !changed.has(metadata?.name))
  const slices = { serviceKey: serviceKeyOf(service), addressType, toCreate, toUpdate, unchanged }
  if (asksForHints(service.metadata?.annotations)) {
    addHints(topology, slices)
    return
  }
  topology.removeHints(slices.serviceKey, addressType)
  const distribution = distributionOf(service.spec?.trafficDistribution)
  if (distribution === undefined) removeHints(slices)
  else hintByDistribution(distribution, { toCreate, toUpdate }, unchanged)
}

/** New slices take the place of those that would be deleted; a service that is going gets no new ones (`finalize`). */
function writesOf(
  service: Service,
  { toCreate, toUpdate, toDelete }: SliceChanges,
): Pick<SliceWrites, 'create' | 'update' | 'delete'> {
  const created = [...toCreate]
  const updated: SliceDraft[] = [...toUpdate]
  const deleted: EndpointSlice[] = []
  for (const slice of toDelete) {
    const last = created.at(-1)
    const name = slice.metadata?.name
    if (last !== undefined && name !== undefined && isSliceOf(slice, service)) {
      created.pop()
      updated.push({ ...last, name })
    } else {
      deleted.push(slice)
    }
  }
  const isGoing = service.metadata?.deletionTimestamp !== undefined
  return {
    create: isGoing ? [] : created.map(writtenSlice),
    update: updated.map(writtenSlice),
    delete: deleted,
  }
}
