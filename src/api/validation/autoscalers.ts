import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { validateNonNegativeAmount } from './amounts.ts'
import { validateMetric, validateObjectReference } from './autoscaler-metrics.ts'
import { forbidden, invalid, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { supported } from './legacy-volumes.ts'
import { validateObjectMeta } from './metadata.ts'
import { subdomainName } from './names.ts'

const WINDOW_SECONDS_MAX = 3600
const PERIOD_SECONDS_MAX = 1800

/**
 * A HorizontalPodAutoscaler; with the feature gate HPAScaleToZero, which is on, the least number may be 0.
 *
 * Source: Kubernetes v1.37, autoscaling/validation `ValidateHorizontalPodAutoscaler`.
 */
export function validateHorizontalPodAutoscaler({ metadata, spec }: HorizontalPodAutoscaler): FieldErrors {
  const scaler: Partial<HorizontalPodAutoscalerSpec> = spec ?? {}
  const { minReplicas: least, behavior, scaleTargetRef: target } = scaler
  const metrics = items(scaler.metrics)
  return [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...rangeErrors(scaler),
    ...validateObjectReference(target, target?.kind !== 'ReplicationController', 'spec.scaleTargetRef'),
    ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...(least === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')
      ? [forbidden('spec.metrics', ZERO)]
      : []),
    ...scalingErrors(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...scalingErrors(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ]
}

const ZERO = 'must specify at least one Object or External metric to support scaling to zero replicas'

function rangeErrors({ minReplicas: least, maxReplicas }: Partial<HorizontalPodAutoscalerSpec>): FieldErrors {
  const most = whole(maxReplicas)
  const path = 'spec.maxReplicas'
  const isNegative = least !== undefined && least < 0
  const isLess = least !== undefined && most < least
  return [
    ...(isNegative ? [invalid('spec.minReplicas', least, 'must be greater than or equal to 0')] : []),
    ...(most === 0 ? [required(path, 'must be set and greater than 0')] : []),
    ...(most < 0 ? [invalid(path, most, 'must be greater than or equal to 1')] : []),
    ...(isLess ? [invalid(path, most, 'must be greater than or equal to `minReplicas`')] : []),
  ]
}

function scalingErrors(rules: HPAScalingRules | undefined, path: string): FieldErrors {
  if (rules === undefined) return []
  const { stabilizationWindowSeconds: seconds = 0, selectPolicy, tolerance } = rules
  const place = `${path}.stabilizationWindowSeconds`
  const policies = items(rules.policies)
  const isLong = seconds > WINDOW_SECONDS_MAX
  return [
    ...(seconds < 0 ? [invalid(place, seconds, 'must be greater than or equal to zero')] : []),
    ...(isLong ? [invalid(place, seconds, `must be less than or equal to ${WINDOW_SECONDS_MAX}`)] : []),
    ...supported(selectPolicy, ['Disabled', 'Max', 'Min'], `${path}.selectPolicy`),
    ...(policies.length === 0 ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...policies.flatMap((policy, index) => policyErrors(policy, `${path}.policies[${index}]`)),
    ...(tolerance === undefined ? [] : validateNonNegativeAmount(tolerance, `${path}.tolerance`)),
  ]
}

function policyErrors(policy: HPAScalingPolicy, path: string): FieldErrors {
  const type = text(policy.type)
  const value = whole(policy.value)
  const seconds = whole(policy.periodSeconds)
  const place = `${path}.periodSeconds`
  const isKnown = type === 'Pods' || type === 'Percent'
  const isLong = seconds > PERIOD_SECONDS_MAX
  return [
    ...(isKnown ? [] : [notSupported(`${path}.type`, type, ['Percent', 'Pods'])]),
    ...(value > 0 ? [] : [invalid(`${path}.value`, value, 'must be greater than zero')]),
    ...(seconds > 0 ? [] : [invalid(place, seconds, 'must be greater than zero')]),
    ...(isLong ? [invalid(place, seconds, `must be less than or equal to ${PERIOD_SECONDS_MAX}`)] : []),
  ]
}
