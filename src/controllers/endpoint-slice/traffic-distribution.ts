import type { Endpoint, EndpointSlice } from '../../api/types.generated.ts'
import { isReadyEndpoint } from './endpoint.ts'
import { draftOf } from './slice.ts'
import type { SliceDraft } from './slice.ts'

/** Where `spec.trafficDistribution` of a service keeps its traffic: in the zone or on the node; undefined where it does not say. */
export function distributionOf(text: string | undefined): 'zone' | 'node' | undefined {
  if (text === 'PreferClose' || text === 'PreferSameZone') return 'zone'
  return text === 'PreferSameNode' ? 'node' : undefined
}

/**
 * Gives ready endpoints of slices hints to their own zone, and to their own node where that is preferred; unchanged slices with other
 * hints are changed, too. Source: Kubernetes v1.37, endpointslice/trafficdist `ReconcileHints`.
 */
export function hintByDistribution(
  distribution: 'zone' | 'node',
  drafts: { readonly toCreate: readonly SliceDraft[]; readonly toUpdate: SliceDraft[] },
  unchanged: readonly EndpointSlice[],
): void {
  for (const slice of unchanged) {
    const endpoints = slice.endpoints ?? []
    if (endpoints.some((endpoint) => !hasHints(endpoint, distribution))) drafts.toUpdate.push(draftOf(slice))
  }
  for (const { endpoints } of [...drafts.toCreate, ...drafts.toUpdate]) {
    endpoints.forEach((endpoint, index) => {
      if (isReadyEndpoint(endpoint)) endpoints[index] = hinted(endpoint, distribution)
    })
  }
}

/** Whether an endpoint has just the hints that it should have; one that is not ready may have any. */
function hasHints(endpoint: Endpoint, distribution: 'zone' | 'node'): boolean {
  if (!isReadyEndpoint(endpoint)) return true
  const { hints, zone, nodeName } = endpoint
  const node = distribution === 'node' ? nodeName : undefined
  return isJust(hints?.forZones, zone) && isJust(hints?.forNodes, node)
}

function isJust(hints: readonly { readonly name: string }[] = [], wanted: string | undefined): boolean {
  return wanted === undefined ? hints.length === 0 : hints.length === 1 && hints[0]?.name === wanted
}

function hinted(endpoint: Endpoint, distribution: 'zone' | 'node'): Endpoint {
  const { hints: _, ...rest } = endpoint
  const { zone, nodeName } = endpoint
  const hints = {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(distribution === 'node' && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {}),
  }
  return Object.keys(hints).length === 0 ? rest : { ...rest, hints }
}
