import type { LimitRange, LimitRangeItem, Namespace, PriorityClass, Secret } from '../types.generated.ts'
import { roundAmounts, withAbsent } from './amounts.ts'
import { eachOf, withChanged, withDefaults } from './fields.ts'

/** Defaults of a Namespace: a label with its name. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_Namespace`. */
export function defaultNamespace(namespace: Namespace): Namespace {
  const name = namespace.metadata?.name ?? ''
  const status = withDefaults(namespace.status ?? {}, { phase: 'Active' })
  if (name === '') return { ...namespace, status }
  const labels = { ...namespace.metadata?.labels, 'kubernetes.io/metadata.name': name }
  return { ...namespace, metadata: { ...namespace.metadata, labels }, status }
}

/** Defaults of a Secret. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_Secret`. */
export function defaultSecret(secret: Secret): Secret {
  return withDefaults(secret, { type: 'Opaque' })
}

/** Defaults of a PriorityClass. Source: Kubernetes v1.37, apis/scheduling/v1 `SetDefaults_PriorityClass`. */
export function defaultPriorityClass(priorityClass: PriorityClass): PriorityClass {
  return withDefaults(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' })
}

/**
 * Defaults of a LimitRange, for containers: the default limit is the maximum, the default request is the default limit, else the
 * minimum. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_LimitRangeItem`.
 */
export function defaultLimitRange(limitRange: LimitRange): LimitRange {
  return withChanged(limitRange, 'spec', (spec) => withChanged(spec, 'limits', eachOf(defaultLimitRangeItem)))
}

function defaultLimitRangeItem(item: LimitRangeItem): LimitRangeItem {
  let next = item
  if (item.type === 'Container') {
    const limits = withAbsent(item.default, item.max) ?? {}
    const requests = withAbsent(withAbsent(item.defaultRequest, limits), item.min) ?? {}
    next = { ...item, default: limits, defaultRequest: requests }
  }
  for (const key of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) {
    next = withChanged(next, key, roundAmounts)
  }
  return next
}
