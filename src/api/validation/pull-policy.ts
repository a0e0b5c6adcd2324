import { text } from './absent.ts'
import { notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'

const POLICIES = ['Always', 'IfNotPresent', 'Never']

/** When an image is pulled. Source: Kubernetes v1.37, core/validation `validatePullPolicy`. */
export function validatePullPolicy(policy: string | undefined, path: string): FieldErrors {
  if (text(policy) === '') return [required(path)]
  return POLICIES.includes(text(policy)) ? [] : [notSupported(path, policy, POLICIES)]
}
