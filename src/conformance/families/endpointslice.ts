import type { EndpointSlice, Node, Pod, Service } from '../../api/types.generated.ts'
import type { EndpointPod } from '../../controllers/endpoint-slice/endpoint.ts'
import { reconcileSlices } from '../../controllers/endpoint-slice/reconcile-slices.ts'
import type { SliceWrites } from '../../controllers/endpoint-slice/reconcile-slices.ts'
import { TopologyCache } from '../../controllers/endpoint-slice/topology-cache.ts'
import { logicFamily } from '../family.ts'

interface EndpointSliceInput {
  readonly service: Service
  readonly nodes: readonly Node[] | null
  readonly maxEndpointsPerSlice: number
  readonly steps: readonly { readonly pods: readonly Pod[] | null }[]
}

/** The slices of a service after each of some states of its pods, and how many writes that took. */
export const endpointSlice = logicFamily<EndpointSliceInput>('endpointslice', (input) => {
  const nodes = new Map((input.nodes ?? []).map((node) => [node.metadata?.name ?? '', node]))
  const topology = new TopologyCache()
  topology.setNodes(nodes.values())
  const slices = new Map<string, EndpointSlice>()
  let named = 0
  const steps = input.steps.map(({ pods }) => {
    const writes = reconcileSlices(input.service, (pods ?? []).map(endpointPod), [...slices.values()], {
      nodeOf: (name) => nodes.get(name),
      topology,
      endpointsMax: input.maxEndpointsPerSlice,
    })
    for (const slice of writes.create) {
      named += 1
      const name = `${slice.metadata?.generateName ?? ''}${named}`
      slices.set(name, { ...slice, metadata: { ...slice.metadata, name } })
    }
    for (const slice of writes.update) slices.set(slice.metadata?.name ?? '', slice)
    for (const slice of writes.delete) slices.delete(slice.metadata?.name ?? '')
    return { ...shown([...slices.values()]), writes: counts(writes) }
  })
  return { steps }
})

function endpointPod({ metadata, spec, status }: Pod): EndpointPod {
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    nodeName: spec?.nodeName ?? '',
    hostname: spec?.hostname ?? '',
    subdomain: spec?.subdomain ?? '',
    containers: spec?.containers ?? [],
    initContainers: spec?.initContainers ?? [],
    isReady: (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True'),
    isTerminating: metadata?.deletionTimestamp !== undefined,
    isFinished: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    addresses: (status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip])),
  }
}

function shown(slices: readonly EndpointSlice[]): object {
  const endpoints: Record<string, object> = {}
  const summaries = slices.map(({ addressType, ports = [], endpoints: all = [] }) => {
    const portNames = ports
      .map(({ name = '', port, protocol = '' }) => `${name}:${port ?? ''}/${protocol}`)
      .sort()
    for (const { addresses, conditions, hints, hostname, nodeName, targetRef, zone } of all) {
      endpoints[`${addresses.join()} [${portNames.join(' ')}]`] = {
        ports: portNames,
        conditions,
        zone,
        node: nodeName,
        pod: targetRef?.name,
        hostname,
        hints: {
          forZones: hints?.forZones?.map(({ name }) => name),
          forNodes: hints?.forNodes?.map(({ name }) => name),
        },
      }
    }
    return { addressType, ports: portNames, endpoints: all.length }
  })
  return { slices: summaries, endpoints }
}

/** API calls by verb. */
function counts(writes: SliceWrites): object {
  return Object.fromEntries(
    (['create', 'update', 'delete'] as const)
      .map((verb) => [verb, writes[verb].length] as const)
      .filter(([, count]) => count > 0),
  )
}
