import type { Endpoint, Node, Service, V1EndpointPort } from '../../api/types.generated.ts'
import {
  ZONE_LABEL,
  addressTypesOf,
  endpointKey,
  endpointOf,
  endpointPorts,
  isEndpoint,
  portMapKey,
} from './endpoint.ts'
import type { AddressType, EndpointPod } from './endpoint.ts'
import type { DesiredEndpoints } from './fill-slices.ts'

/** What a pod gives a service: made once, for as long as pod, service and zone stay. */
interface MadeEndpoints {
  readonly zone: string
  readonly ports: readonly V1EndpointPort[]
  readonly portsKey: string
  readonly byType: ReadonlyMap<AddressType, Endpoint>
}

const madeFor = new WeakMap<Service, WeakMap<EndpointPod, MadeEndpoints>>()

/** Endpoints that a service should have, by their ports. */
export function desiredEndpoints(
  service: Service,
  pods: readonly EndpointPod[],
  addressType: AddressType,
  nodeOf: (name: string) => Node | undefined,
): { readonly desired: ReadonlyMap<string, DesiredEndpoints>; readonly isIncomplete: boolean } {
  const desired = new Map<string, DesiredEndpoints>()
  let isIncomplete = false
  for (const pod of pods) {
    if (!isEndpoint(pod)) continue
    const node = nodeOf(pod.nodeName)
    const made = endpointsOf(service, pod, node?.metadata?.labels?.[ZONE_LABEL] ?? '')
    let one = desired.get(made.portsKey)
    if (one === undefined) {
      one = { ports: made.ports, addressType, endpoints: new Map() }
      desired.set(made.portsKey, one)
    }
    if (node === undefined && service.spec?.publishNotReadyAddresses !== true) {
      isIncomplete = true
      continue
    }
    const endpoint = made.byType.get(addressType)
    if (endpoint !== undefined) one.endpoints.set(endpointKey(endpoint), endpoint)
  }
  return { desired, isIncomplete }
}

function endpointsOf(service: Service, pod: EndpointPod, zone: string): MadeEndpoints {
  let ofPods = madeFor.get(service)
  if (ofPods === undefined) {
    ofPods = new WeakMap()
    madeFor.set(service, ofPods)
  }
  let made = ofPods.get(pod)
  if (made?.zone !== zone) {
    const ports = endpointPorts(service, pod)
    const byType = new Map<AddressType, Endpoint>()
    for (const type of addressTypesOf(service)) {
      const endpoint = endpointOf(pod, zone, service, type)
      if (endpoint.addresses.length > 0) byType.set(type, endpoint)
    }
    made = { zone, ports, portsKey: portMapKey(ports), byType }
    ofPods.set(pod, made)
  }
  return made
}
