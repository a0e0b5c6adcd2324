import { invalid, invalidEach, notSupported } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { labelKey } from './names.ts'

const COUNTED = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const CONTAINER: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage']
const SCOPED = COMPUTE.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])
const QUOTA: ReadonlySet<string> = new Set([...SCOPED, 'requests.storage', ...COUNTED])
const STANDARD: ReadonlySet<string> = new Set([...QUOTA, 'storage'])
const INTEGERS: ReadonlySet<string> = new Set(COUNTED)

/**
 * Names of resources. Source: Kubernetes v1.37, pkg/apis/core/helper/helpers.go and pkg/apis/core/validation.
 *
 * A name is native without a slash, or with the domain kubernetes.io.
 */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** Huge pages of some size. */
export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

/** Whether requests may be below limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name)
}

/** A resource of a domain of its own. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return labelKey(`requests.${name}`).length === 0
}

/** Whether amounts are whole numbers. */
export function isIntegerResource(name: string): boolean {
  return INTEGERS.has(name) || isExtendedResource(name)
}

/** Whether quotas know the name. */
export function isStandardQuotaResource(name: string): boolean {
  return QUOTA.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** A name of some resource. */
export function validateResourceName(name: string, path: string): FieldErrors {
  const problems = labelKey(name)
  if (problems.length > 0) return invalidEach(path, name, problems)
  const isStandard = STANDARD.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
  if (name.includes('/') || isStandard) return []
  return [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

/** A resource of a container. */
export function validateContainerResourceName(name: string, path: string): FieldErrors {
  return [...validateResourceName(name, path), ...containerNameErrors(name, path)]
}

function containerNameErrors(name: string, path: string): FieldErrors {
  if (!name.includes('/')) {
    if (CONTAINER.has(name) || isHugePages(name)) return []
    return [invalid(path, name, 'must be a standard resource for containers')]
  }
  if (isNativeResource(name) || isExtendedResource(name)) return []
  return [invalid(path, name, "doesn't follow extended resource name standard")]
}

/** A resource of a pod as a whole. */
export function validatePodResourceName(name: string, path: string): FieldErrors {
  const errors = validateResourceName(name, path)
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])]
}

/** A resource of a quota. */
export function validateQuotaResourceName(name: string, path: string): FieldErrors {
  const errors = validateResourceName(name, path)
  if (name.includes('/') || isStandardQuotaResource(name)) return errors
  return [...errors, invalid(path, name, 'must be a standard resource for quota')]
}
