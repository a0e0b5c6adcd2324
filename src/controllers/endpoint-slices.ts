import type { EndpointSlice, Node, Service } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { Calls } from '../cluster/client.ts'
import { Controller } from '../cluster/controller.ts'
import type { Reconciled } from '../cluster/controller.ts'
import { generatedName } from '../cluster/generated-name.ts'
import { objectKey } from '../cluster/object-store.ts'
import { POD_STATE_EVENTS } from '../cluster/pod-event.ts'
import { podAddress } from '../cluster/pod-address.ts'
import { ZONE_LABEL } from './endpoint-slice/endpoint.ts'
import { reconcileSlices, serviceKeyOf } from './endpoint-slice/reconcile-slices.ts'
import type { SliceWrites } from './endpoint-slice/reconcile-slices.ts'
import { ServicePods } from './endpoint-slice/service-pods.ts'
import { ServiceSlices } from './endpoint-slice/service-slices.ts'
import { TopologyCache } from './endpoint-slice/topology-cache.ts'
import { asksForHints } from './endpoint-slice/topology-hints.ts'
import { isNodeReady } from '../node/node-conditions.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Flags of kube-controller-manager. */
export interface EndpointSliceOptions {
  /** `--max-endpoints-per-slice`; 100 by default. */
  readonly endpointsMax?: number
  /** `--endpointslice-updates-batch-period`: how long changes of pods are gathered; 0 by default. */
  readonly batchPeriod?: Micros
}

/** Wait before a service is looked at because somebody else changed a slice (`endpointSliceChangeMinSyncDelay`). */
const SLICE_CHANGE_DELAY: Micros = SECOND
/** How often a service is tried again before it is given up until the next change (`maxRetries`). */
const RETRIES_MAX = 15

interface Work {
  readonly api: ApiServer
  readonly controller: Controller
  readonly pods: ServicePods
  readonly slices: ServiceSlices
  readonly topology: TopologyCache
  readonly endpointsMax: number
}

/**
 * Keeps EndpointSlices for services with a selector: which pods have traffic, whether they are ready, serve or are going, and hints for
 * whom.
 *
 * Source: kube-controller-manager v1.37, endpointslice `Controller` (5 workers; failed keys back off from 1 s to 1,000 s).
 */
export function startEndpointSliceController(
  { sim, api, limits }: Pick<WorkloadParts, 'sim' | 'api' | 'limits'>,
  { endpointsMax = 100, batchPeriod = 0 }: EndpointSliceOptions = {},
): Controller {
  const services = api.collection<Service>('Service')
  const pods = new ServicePods(api)
  const slices = new ServiceSlices(api)
  const topology = new TopologyCache()
  let areNodesNew = true
  const controller = new Controller(sim, {
    name: 'endpointslice-controller',
    backoff: { base: SECOND, max: 1000 * SECOND },
    ...(limits === undefined ? {} : { limits }),
    reconcile: (key, calls) => {
      const service = services.get(key)
      if (service === undefined) return undefined
      if (areNodesNew && asksForHints(service.metadata?.annotations)) takeNodes()
      return reconcile({ api, controller, pods, slices, topology, endpointsMax }, service, calls)
    },
  })
  const takeNodes = (): void => {
    areNodesNew = false
    topology.setNodes(api.nodes.list())
  }
  api.watch({
    name: 'endpointslice-controller',
    from: 1,
    podEvents: POD_STATE_EVENTS,
    ignores: () => services.size === 0,
    kinds: ['Service', 'EndpointSlice', 'Node'],
    onPod: ({ pod }) => {
      const keys = pods.changed(pod)
      // A pod is no endpoint before it has an address.
      if (podAddress(api, pod) === undefined) return
      for (const key of keys) controller.queue.addAfter(key, batchPeriod)
    },
    onObject: (change) => {
      if (change.kind === 'Node') {
        if (changesTopology(change)) areNodesNew = true
      } else if (change.kind === 'Service') {
        pods.serviceWritten(change.key, services.get(change.key) !== undefined)
        controller.queue.add(change.key)
      } else {
        const delay = Math.max(SLICE_CHANGE_DELAY, batchPeriod)
        for (const key of slices.servicesToSync(change)) controller.queue.addAfter(key, delay)
      }
    },
    onBatch: () => {
      if (!areNodesNew || !topology.hasHints) return
      takeNodes()
      for (const key of topology.overloadedServices()) controller.queue.add(key)
    },
  })
  return controller
}

/** Whether a change of a node may move the cpu of zones: it came, went, became ready or unready, or is in another zone. */
function changesTopology({ old, new: now }: ObjectChange): boolean {
  if (old === undefined || now === undefined) return true
  const [before, after] = [old as Node, now as Node]
  return (
    isNodeReady(before) !== isNodeReady(after) ||
    before.metadata?.labels?.[ZONE_LABEL] !== after.metadata?.labels?.[ZONE_LABEL]
  )
}

function reconcile(work: Work, service: Service, calls: Calls): Reconciled | undefined {
  const { api, controller, pods, slices, topology, endpointsMax } = work
  if (service.spec?.type === 'ExternalName' || service.spec?.selector === undefined) return undefined
  const key = serviceKeyOf(service)
  const writes = reconcileSlices(service, pods.of(service), slices.of(key), {
    nodeOf: (name) => api.nodes.get(name),
    topology,
    endpointsMax,
  })
  write(work, service, writes, calls)
  // A pod on a node that is not there: its slices are written without it, and it is tried again for a while.
  return writes.isIncomplete && controller.queue.failuresOf(key) < RETRIES_MAX
    ? { isFailed: true }
    : undefined
}

function write({ api, slices }: Work, service: Service, writes: SliceWrites, calls: Calls): void {
  const store = api.collection<EndpointSlice>('EndpointSlice')
  const namespace = service.metadata?.namespace ?? ''
  const isThere = (): boolean =>
    api.collection<Service>('Service').get(serviceKeyOf(service))?.metadata?.uid === service.metadata?.uid
  for (const slice of writes.create) {
    calls.do(() => {
      if (!isThere()) return true
      const isTaken = (name: string): boolean => store.get(`${namespace}/${name}`) !== undefined
      const name = generatedName(api.sim, slice.metadata?.generateName ?? '', isTaken)
      const created = store.create({ ...slice, metadata: { ...slice.metadata, name } })
      if (created.ok) slices.noteOwn(objectKey(created.object.metadata), created.object)
      // Nothing new comes into a namespace that is going.
      return created.ok || api.namespaces.get(namespace)?.metadata?.deletionTimestamp !== undefined
    })
  }
  for (const slice of writes.update) {
    calls.do(() => {
      const updated = store.update(slice)
      if (updated.ok) slices.noteOwn(objectKey(slice.metadata), updated.object)
      return updated.ok
    })
  }
  for (const slice of writes.delete) {
    calls.do(() => {
      const key = objectKey(slice.metadata)
      slices.noteOwn(key, undefined)
      store.delete(key)
      return true
    })
  }
}
