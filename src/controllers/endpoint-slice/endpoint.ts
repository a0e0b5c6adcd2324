import type { Container, Endpoint, Service, ServicePort } from '../../api/types.generated.ts'
import type { V1EndpointPort } from '../../api/types.generated.ts'

/** Families of addresses that slices are kept apart by. */
export type AddressType = 'IPv4' | 'IPv6'

/** What of a pod its endpoints follow from. */
export interface EndpointPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** `spec.nodeName`; empty when it has none. */
  readonly nodeName: string
  /** `spec.hostname` and `spec.subdomain`; empty when it has none. */
  readonly hostname: string
  readonly subdomain: string
  readonly containers: readonly Container[]
  readonly initContainers: readonly Container[]
  readonly isReady: boolean
  readonly isTerminating: boolean
  /** Phase Succeeded or Failed. */
  readonly isFinished: boolean
  /** `status.podIPs`. */
  readonly addresses: readonly string[]
}

/** Label of a node that says its zone. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone'

/** Whether a pod is an endpoint of the services that select it: it has an address and has not finished. */
export function isEndpoint({ isFinished, addresses }: EndpointPod): boolean {
  return !isFinished && addresses.length > 0
}

/**
 * The endpoint of a pod for one family of addresses; without addresses when the pod has none of them. `zone` is that of its
 * node, empty for none.
 *
 * Source: Kubernetes v1.37, endpointslice `podToEndpoint`.
 */
export function endpointOf(pod: EndpointPod, zone: string, service: Service, type: AddressType): Endpoint {
  const { spec, metadata } = service
  const serving = pod.isReady
  const terminating = pod.isTerminating
  const hasHostname =
    pod.hostname !== '' && pod.subdomain === metadata?.name && pod.namespace === metadata.namespace
  return {
    addresses: pod.addresses.filter((address) => addressTypeOf(address) === type),
    conditions: {
      ready: spec?.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    targetRef: { kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
    ...(pod.nodeName === '' ? {} : { nodeName: pod.nodeName }),
    ...(zone === '' ? {} : { zone }),
    ...(hasHostname ? { hostname: pod.hostname } : {}),
  }
}

/** Whether an endpoint takes traffic. */
export function isReadyEndpoint({ conditions }: Endpoint): boolean {
  return conditions?.ready === true
}

const keys = new WeakMap<Endpoint, string>()

/**
 * What an endpoint is known by when slices are compared: equal keys are the same endpoint, whose conditions and place may have
 * changed. Source: Kubernetes v1.37, endpointslice util `hashEndpoint`.
 */
export function endpointKey(endpoint: Endpoint): string {
  let key = keys.get(endpoint)
  if (key === undefined) {
    const { addresses, hostname = '', targetRef } = endpoint
    const { namespace = '', name = '' } = targetRef ?? {}
    key = JSON.stringify([[...addresses].sort(), hostname, namespace, name])
    keys.set(endpoint, key)
  }
  return key
}

/** Whether two endpoints of one key are the same in what may change, hints apart (`EndpointsEqualBeyondHash`). */
export function isSameEndpoint(one: Endpoint, other: Endpoint): boolean {
  if (one === other) return true
  return (
    one.nodeName === other.nodeName &&
    one.zone === other.zone &&
    one.conditions?.ready === other.conditions?.ready &&
    one.conditions?.serving === other.conditions?.serving &&
    one.conditions?.terminating === other.conditions?.terminating &&
    one.targetRef?.uid === other.targetRef?.uid
  )
}

/**
 * The ports that a service has at a pod: a port that the pod does not name is left out. Source: Kubernetes v1.37, endpointslice
 * `getEndpointPorts`.
 */
export function endpointPorts({ spec }: Service, pod: EndpointPod): readonly V1EndpointPort[] {
  const ports: V1EndpointPort[] = []
  for (const port of spec?.ports ?? []) {
    const number = portAt(pod, port)
    if (number === undefined) continue
    const { name = '', protocol = 'TCP', appProtocol } = port
    ports.push({ name, port: number, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) })
  }
  return ports
}

/** Key of the slices that have the same ports, in any order (`NewPortMapKey`). */
export function portMapKey(ports: readonly V1EndpointPort[]): string {
  return ports
    .map(({ name, port, protocol, appProtocol }) => JSON.stringify([name, port, protocol, appProtocol]))
    .sort()
    .join()
}

/** The number of a port, or the first one of that name and protocol in a container or a sidecar (`FindPort`). */
function portAt({ containers, initContainers }: EndpointPod, port: ServicePort): number | undefined {
  const { targetPort = port.port, protocol = 'TCP' } = port
  if (typeof targetPort === 'number') return targetPort
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const container of [...containers, ...sidecars]) {
    const named = container.ports?.find(
      (one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol,
    )
    if (named !== undefined) return named.containerPort
  }
  return undefined
}

/** Family of an address. */
export function addressTypeOf(address: string): AddressType {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

/**
 * Families of addresses that a service has slices for: its own, or, before it was given any, those of its cluster IP, or both
 * when it has none. Source: Kubernetes v1.37, endpointslice `getAddressTypesForService`.
 */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const { ipFamilies = [], clusterIP = '' } = spec ?? {}
  const families = (['IPv4', 'IPv6'] as const).filter((family) => ipFamilies.includes(family))
  if (families.length > 0) return families
  return hasClusterIP(clusterIP) ? [addressTypeOf(clusterIP)] : ['IPv4', 'IPv6']
}

/** Whether a service has an address of its own: it is not headless. */
export function hasClusterIP(clusterIP: string): boolean {
  return clusterIP !== '' && clusterIP !== 'None'
}
