import type {
  EndpointSlice,
  LoadBalancerIngress,
  Service,
  ServicePort,
  ServiceSpec,
  SessionAffinityConfig,
} from '../types.generated.ts'
import { eachOf, isUnset, withChanged, withDefaults } from './fields.ts'

/** How long requests of one client go to one pod, with affinity by address: three hours. */
const AFFINITY_SECONDS = 10_800

/** Defaults of a Service. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_Service`. */
export function defaultService(service: Service): Service {
  const { sessionAffinityConfig, ...given } = service.spec ?? {}
  const spec = withDefaults<ServiceSpec>(given, { sessionAffinity: 'None', type: 'ClusterIP' })
  const isBalanced = spec.type === 'LoadBalancer'
  const takesTraffic = isBalanced || spec.type === 'NodePort' || spec.type === 'ClusterIP'
  const isExternal = takesTraffic && (spec.type !== 'ClusterIP' || (spec.externalIPs ?? []).length > 0)
  const affinity = affinityConfig(spec.sessionAffinity, sessionAffinityConfig)
  const next: ServiceSpec = {
    ...withDefaults(spec, {
      ...(isExternal ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(takesTraffic ? { internalTrafficPolicy: 'Cluster' } : {}),
      ...(isBalanced ? { allocateLoadBalancerNodePorts: true } : {}),
    }),
    ...(affinity === undefined ? {} : { sessionAffinityConfig: affinity }),
  }
  const defaulted = { ...service, spec: withChanged(next, 'ports', eachOf(defaultServicePort)) }
  if (!isBalanced) return defaulted
  return withChanged(defaulted, 'status', (status) =>
    withChanged(status, 'loadBalancer', (balancer) =>
      withChanged(balancer, 'ingress', eachOf(defaultIngress)),
    ),
  )
}

function affinityConfig(
  affinity: string | undefined,
  given: SessionAffinityConfig | undefined,
): SessionAffinityConfig | undefined {
  if (affinity === 'None') return undefined
  if (affinity !== 'ClientIP' || !isUnset(given?.clientIP?.timeoutSeconds)) return given
  return { clientIP: { timeoutSeconds: AFFINITY_SECONDS } }
}

function defaultServicePort(port: ServicePort): ServicePort {
  const next = withDefaults(port, { protocol: 'TCP' })
  const isUntold = isUnset(port.targetPort) || port.targetPort === 0
  return isUntold ? { ...next, targetPort: port.port } : next
}

function defaultIngress(ingress: LoadBalancerIngress): LoadBalancerIngress {
  return isUnset(ingress.ip) ? ingress : withDefaults(ingress, { ipMode: 'VIP' })
}

/** Defaults of an EndpointSlice. Source: Kubernetes v1.37, apis/discovery/v1 `SetDefaults_EndpointPort`. */
export function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  return withChanged(
    slice,
    'ports',
    eachOf((port) => withDefaults(port, { name: '', protocol: 'TCP' })),
  )
}
