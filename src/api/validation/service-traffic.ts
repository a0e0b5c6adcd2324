import type { ServiceSpec } from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { supported } from './legacy-volumes.ts'
import { portNumber } from './names.ts'

const POLICIES = ['Cluster', 'Local']
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const INSIDE_TYPES: ReadonlySet<string> = new Set(['NodePort', 'LoadBalancer', 'ClusterIP'])

/**
 * Where traffic of a service may go.
 *
 * Source: Kubernetes v1.37, core/validation, functions `validateService…Traffic…`.
 */
export function validateTraffic(spec: ServiceSpec): FieldErrors {
  const { internalTrafficPolicy, trafficDistribution } = spec
  const path = 'spec.internalTrafficPolicy'
  const needsInternal = internalTrafficPolicy === undefined && INSIDE_TYPES.has(text(spec.type))
  const isKnown = trafficDistribution === undefined || DISTRIBUTIONS.includes(trafficDistribution)
  return [
    ...externalErrors(spec),
    ...healthErrors(spec),
    ...(needsInternal ? [required(path)] : []),
    ...supported(internalTrafficPolicy, POLICIES, path),
    ...(isKnown ? [] : [notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS)]),
  ]
}

/** Source: pkg/api/service `ExternallyAccessible`. */
function isOutside(spec: ServiceSpec): boolean {
  const { type } = spec
  if (type === 'LoadBalancer' || type === 'NodePort') return true
  return type === 'ClusterIP' && items(spec.externalIPs).length > 0
}

function externalErrors(spec: ServiceSpec): FieldErrors {
  const path = 'spec.externalTrafficPolicy'
  const policy = text(spec.externalTrafficPolicy)
  if (!isOutside(spec)) {
    if (policy === '') return []
    return [invalid(path, { json: policy }, 'may only be set for externally-accessible services')]
  }
  if (policy === '') return [required(path)]
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)]
}

function healthErrors(spec: ServiceSpec): FieldErrors {
  const path = 'spec.healthCheckNodePort'
  const port = whole(spec.healthCheckNodePort)
  const needsPort = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
  if (needsPort) return port === 0 ? [required(path)] : invalidEach(path, port, portNumber(port))
  if (port === 0) return []
  const only = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return [invalid(path, port, only)]
}
