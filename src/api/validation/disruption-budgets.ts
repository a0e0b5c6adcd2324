import type { PodDisruptionBudget } from '../types.generated.ts'
import { invalid } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { selectorValue } from './go-shapes.ts'
import { validateIntOrPercent, validateNotMoreThanAll } from './int-or-percent.ts'
import { validateLabelSelector } from './label-selectors.ts'
import { supported } from './legacy-volumes.ts'
import { validateObjectMeta } from './metadata.ts'
import { pathSegmentName } from './names.ts'

/** A PodDisruptionBudget. Source: Kubernetes v1.37, policy/validation `ValidatePodDisruptionBudgetSpec`. */
export function validatePodDisruptionBudget({ metadata, spec = {} }: PodDisruptionBudget): FieldErrors {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  const areBoth = minAvailable !== undefined && maxUnavailable !== undefined
  const value = {
    json: {
      MinAvailable: minAvailable ?? null,
      Selector: selector === undefined ? null : selectorValue(selector).json,
      MaxUnavailable: maxUnavailable ?? null,
      UnhealthyPodEvictionPolicy: policy ?? null,
    },
  }
  return [
    ...validateObjectMeta(metadata, true, pathSegmentName),
    ...(areBoth ? [invalid('spec', value, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...Object.entries({ minAvailable, maxUnavailable }).flatMap(([field, amount]) => [
      ...validateIntOrPercent(amount, `spec.${field}`),
      ...validateNotMoreThanAll(amount, `spec.${field}`),
    ]),
    ...validateLabelSelector(selector, 'spec.selector'),
    ...supported(policy, ['AlwaysAllow', 'IfHealthyBudget'], 'spec.unhealthyPodEvictionPolicy'),
  ]
}
