import type { Service, ServicePort, ServiceSpec, SessionAffinityConfig } from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { validateAddress, validateCommonAddress, validateRange } from './addresses.ts'
import { validateProtocol } from './containers.ts'
import { duplicate, forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { goStruct } from './go-shapes.ts'
import { validateLabels, validateObjectMeta } from './metadata.ts'
import { dns1123Label, dns1123Subdomain, labelKey, labelName, portNumber } from './names.ts'
import { validatePort } from './probes.ts'
import { validateClusterAddresses } from './service-addresses.ts'
import { validateTraffic } from './service-traffic.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const AFFINITY_SECONDS_MAX = 86_400
const HINTS = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/**
 * A service on create. Names may be labels of RFC 1123 (feature gate RelaxedServiceNameValidation).
 *
 * Source: Kubernetes v1.37, core/validation `ValidateService`.
 */
export function validateService(service: Service): FieldErrors {
  const spec = service.spec ?? {}
  const ports = items(spec.ports)
  const isHeadless = isHeadlessService(spec)
  const needsPorts = ports.length === 0 && !isHeadless && spec.type !== 'ExternalName'
  return [
    ...validateObjectMeta(service.metadata, true, labelName),
    ...topologyErrors(service),
    ...(needsPorts ? [required('spec.ports')] : []),
    ...typeErrors(spec, isHeadless),
    ...portsErrors(ports, 'spec.ports'),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...affinityErrors(spec),
    ...validateClusterAddresses(spec),
    ...items(spec.externalIPs).flatMap((address, index) =>
      externalErrors(address, `spec.externalIPs[${index}]`),
    ),
    ...nodePortErrors(spec),
    ...rangeErrors(service),
    ...balancerErrors(spec),
    ...validateTraffic(spec),
  ]
}

/** Whether a service has no address of its own. */
export function isHeadlessService(spec: ServiceSpec): boolean {
  const addresses = items(spec.clusterIPs)
  return addresses.length === 1 && addresses[0] === 'None'
}

function topologyErrors({ metadata }: Service): FieldErrors {
  const hints = metadata?.annotations?.[HINTS]
  const mode = metadata?.annotations?.[TOPOLOGY_MODE]
  if (hints === undefined || mode === undefined || hints === mode) return []
  const path = `metadata.annotations[${TOPOLOGY_MODE}]`
  return [invalid(path, mode, `must match annotations[${HINTS}] when both are specified`)]
}

function typeErrors(spec: ServiceSpec, isHeadless: boolean): FieldErrors {
  const type = text(spec.type)
  const unknown = type === '' ? [required('spec.type')] : [notSupported('spec.type', type, TYPES)]
  const own = TYPES.includes(type) ? [] : unknown
  if (type === 'ExternalName') return [...own, ...externalNameErrors(spec)]
  if (!isHeadless || (type !== 'LoadBalancer' && type !== 'NodePort')) return own
  return [...own, invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
}

function externalNameErrors(spec: ServiceSpec): FieldErrors {
  const refusal = 'may not be set for ExternalName services'
  const name = text(spec.externalName).replace(/\.$/, '')
  const path = 'spec.externalName'
  return [
    ...(items(spec.clusterIPs).length > 0 ? [forbidden('spec.clusterIPs', refusal)] : []),
    ...(items(spec.ipFamilies).length > 0 ? [forbidden('spec.ipFamilies', refusal)] : []),
    ...(spec.ipFamilyPolicy === undefined ? [] : [forbidden('spec.ipFamilyPolicy', refusal)]),
    ...(name === '' ? [required(path)] : invalidEach(path, name, dns1123Subdomain(name))),
  ]
}

function portsErrors(ports: readonly ServicePort[], path: string): FieldErrors {
  const names = new Set<string>()
  const seen = new Set<string>()
  return ports.flatMap((port, index) => {
    const place = `${path}[${index}]`
    const { protocol = '', appProtocol } = port
    const number = whole(port.port)
    const key = `${protocol} ${number}`
    const isTaken = seen.has(key)
    seen.add(key)
    const value = goStruct('ServicePort', { protocol, port: number })
    return [
      ...portNameErrors(text(port.name), ports.length > 1, names, `${place}.name`),
      ...invalidEach(`${place}.port`, number, portNumber(number)),
      ...validateProtocol(protocol, `${place}.protocol`),
      ...validatePort(port.targetPort, `${place}.targetPort`),
      ...(appProtocol === undefined
        ? []
        : invalidEach(`${place}.appProtocol`, appProtocol, labelKey(appProtocol))),
      ...(isTaken ? [duplicate(place, value)] : []),
    ]
  })
}

function portNameErrors(name: string, isRequired: boolean, names: Set<string>, path: string): FieldErrors {
  if (name === '') return isRequired ? [required(path)] : []
  const isTaken = names.has(name)
  names.add(name)
  return [...invalidEach(path, name, dns1123Label(name)), ...(isTaken ? [duplicate(path, name)] : [])]
}

function affinityErrors({ sessionAffinity = '', sessionAffinityConfig: config }: ServiceSpec): FieldErrors {
  const path = 'spec.sessionAffinity'
  const place = 'spec.sessionAffinityConfig'
  switch (sessionAffinity) {
    case '':
      return [required(path)]
    case 'ClientIP':
      return clientErrors(config, place)
    case 'None':
      return config === undefined ? [] : [forbidden(place, 'must not be set when session affinity is None')]
    default:
      return [notSupported(path, sessionAffinity, ['ClientIP', 'None'])]
  }
}

function clientErrors(config: SessionAffinityConfig | undefined, path: string): FieldErrors {
  const needed = 'when session affinity type is ClientIP'
  if (config === undefined) return [required(path, needed)]
  if (config.clientIP === undefined) return [required(`${path}.clientIP`, needed)]
  const seconds = config.clientIP.timeoutSeconds
  const place = `${path}.clientIP.timeoutSeconds`
  if (seconds === undefined) return [required(place, needed)]
  if (seconds > 0 && seconds <= AFFINITY_SECONDS_MAX) return []
  return [invalid(place, seconds, `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`)]
}

function externalErrors(address: string, path: string): FieldErrors {
  const errors = validateAddress(address, path)
  return errors.length > 0 ? errors : validateCommonAddress(address, path)
}

/** Ports of nodes: not for services inside the cluster, and once a protocol. */
function nodePortErrors(spec: ServiceSpec): FieldErrors {
  const seen = new Set<string>()
  return items(spec.ports).flatMap(({ protocol = '', nodePort = 0 }, index) => {
    if (nodePort === 0) return []
    const path = `spec.ports[${index}].nodePort`
    const key = `${protocol} ${nodePort}`
    const isTaken = seen.has(key)
    seen.add(key)
    const isInside = spec.type === 'ClusterIP'
    return [
      ...(isInside ? [forbidden(path, "may not be used when `type` is 'ClusterIP'")] : []),
      ...(isTaken ? [duplicate(path, nodePort)] : []),
    ]
  })
}

/** Who may reach a load balancer: a field, or an annotation. */
function rangeErrors({ spec = {}, metadata }: Service): FieldErrors {
  const ranges = items(spec.loadBalancerSourceRanges)
  const annotation = metadata?.annotations?.[SOURCE_RANGES]
  const isBalancer = spec.type === 'LoadBalancer'
  const misplaced = "may only be used when `type` is 'LoadBalancer'"
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges'
    return [
      ...(isBalancer ? [] : [forbidden(path, misplaced)]),
      ...ranges.flatMap((range, index) => validateRange(range.trim(), `${path}[${index}]`)),
    ]
  }
  if (annotation === undefined) return []
  const path = `metadata.annotations[${SOURCE_RANGES}]`
  const listed = annotation.trim() === '' ? [] : annotation.trim().split(',')
  return [
    ...(isBalancer ? [] : [forbidden(path, misplaced)]),
    ...listed.flatMap((range) => validateRange(range.trim(), path)),
  ]
}

function balancerErrors(spec: ServiceSpec): FieldErrors {
  const { allocateLoadBalancerNodePorts: allocates, loadBalancerClass } = spec
  const misplaced = "may only be used when `type` is 'LoadBalancer'"
  const path = 'spec.loadBalancerClass'
  if (spec.type !== 'LoadBalancer') {
    return [
      ...(allocates === undefined ? [] : [forbidden('spec.allocateLoadBalancerNodePorts', misplaced)]),
      ...(loadBalancerClass === undefined ? [] : [forbidden(path, misplaced)]),
    ]
  }
  return [
    ...(allocates === undefined ? [required('allocateLoadBalancerNodePorts')] : []),
    ...(loadBalancerClass === undefined
      ? []
      : invalidEach(path, loadBalancerClass, labelKey(loadBalancerClass))),
  ]
}
