import type { IngressClass, NetworkPolicy, NetworkPolicyPort } from '../types.generated.ts'
import { eachOf, withChanged, withDefaults } from './fields.ts'

/**
 * Defaults of a NetworkPolicy: without types it is about ingress, and about egress where it has rules for that.
 * Source: Kubernetes v1.37, apis/networking/v1 `SetDefaults_NetworkPolicy`.
 */
export function defaultNetworkPolicy(policy: NetworkPolicy): NetworkPolicy {
  const ports = eachOf((port: NetworkPolicyPort) => withDefaults(port, { protocol: 'TCP' }))
  return withChanged(policy, 'spec', (spec) => {
    const hasTypes = (spec.policyTypes ?? []).length > 0
    const hasEgress = (spec.egress ?? []).length > 0
    const typed = hasTypes ? spec : { ...spec, policyTypes: hasEgress ? ['Ingress', 'Egress'] : ['Ingress'] }
    const inward = withChanged(
      typed,
      'ingress',
      eachOf((rule) => withChanged(rule, 'ports', ports)),
    )
    return withChanged(
      inward,
      'egress',
      eachOf((rule) => withChanged(rule, 'ports', ports)),
    )
  })
}

/** Defaults of an IngressClass. Source: Kubernetes v1.37, apis/networking/v1 `SetDefaults_IngressClass`. */
export function defaultIngressClass(ingressClass: IngressClass): IngressClass {
  return withChanged(ingressClass, 'spec', (spec) =>
    withChanged(spec, 'parameters', (parameters) => withDefaults(parameters, { scope: 'Cluster' })),
  )
}
