import type { ObjectFieldSelector, Quantity, ResourceFieldSelector } from '../types.generated.ts'
import { text } from './absent.ts'
import { amountOf, amountText } from './amounts.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { labelKey } from './names.ts'

const PODS_FIELDS: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
])
/** Fields of the pod that a variable may take, in order. */
export const ENVIRONMENT_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** Fields of the pod that a file may hold, in order. */
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const DECIMAL = ['1', '1k', '1M', '1G', '1T', '1P', '1E']
const BYTE_DIVISORS = [...DECIMAL, '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/**
 * A reference to a field of the pod.
 *
 * Source: Kubernetes v1.37, core/validation `validateObjectFieldSelector`.
 */
export function validateFieldReference(
  reference: ObjectFieldSelector,
  fields: readonly string[],
  path: string,
): FieldErrors {
  const apiVersion = text(reference.apiVersion)
  const fieldPath = text(reference.fieldPath)
  const place = `${path}.fieldPath`
  if (apiVersion === '') return [required(`${path}.apiVersion`)]
  if (fieldPath === '') return [required(place)]
  const problem = conversionProblem(apiVersion, fieldPath)
  if (problem !== undefined) return [invalid(place, fieldPath, `error converting fieldPath: ${problem}`)]
  const subscript = subscripted(fieldPath)
  if (subscript !== undefined) {
    const key = subscript.field === 'metadata.annotations' ? subscript.key.toLowerCase() : subscript.key
    return invalidEach(path, key, labelKey(key))
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  return fields.includes(field) ? [] : [notSupported(place, field, fields)]
}

/** Source: pkg/apis/core/pods `ConvertDownwardAPIFieldLabel`. */
function conversionProblem(apiVersion: string, fieldPath: string): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`
  const subscript = subscripted(fieldPath)
  if (subscript !== undefined) {
    const isMap = subscript.field === 'metadata.annotations' || subscript.field === 'metadata.labels'
    return isMap ? undefined : `field label does not support subscript: ${fieldPath}`
  }
  const isKnown = PODS_FIELDS.has(fieldPath) || fieldPath === 'spec.host'
  return isKnown ? undefined : `field label not supported: ${fieldPath}`
}

/** `metadata.labels['key']`, in its two parts. */
function subscripted(fieldPath: string): { readonly field: string; readonly key: string } | undefined {
  const start = fieldPath.indexOf("['")
  if (!fieldPath.endsWith("']") || start <= 0 || start + 2 > fieldPath.length - 2) return undefined
  return { field: fieldPath.slice(0, start), key: fieldPath.slice(start + 2, -2) }
}

/**
 * A reference to a container's resource.
 *
 * Source: core/validation `validateContainerResourceFieldSelector`.
 */
export function validateResourceReference(
  reference: ResourceFieldSelector,
  path: string,
  needsContainer: boolean,
): FieldErrors {
  const resource = text(reference.resource)
  return [
    ...resourceErrors(resource, needsContainer && text(reference.containerName) === '', path),
    ...divisorErrors(resource, reference.divisor, `${path}.divisor`),
  ]
}

function resourceErrors(resource: string, lacksContainer: boolean, path: string): FieldErrors {
  if (lacksContainer) return [required(`${path}.containerName`)]
  if (resource === '') return [required(`${path}.resource`)]
  if (RESOURCES.includes(resource) || isHugePagesField(resource)) return []
  return [notSupported(`${path}.resource`, { json: resource }, RESOURCES)]
}

function isHugePagesField(resource: string): boolean {
  return resource.startsWith('limits.hugepages-') || resource.startsWith('requests.hugepages-')
}

function divisorErrors(resource: string, divisor: Quantity | undefined, path: string): FieldErrors {
  if (amountOf(divisor).nano === 0n) return []
  const [allowed, noun] = divisorsOf(resource)
  if (noun === '' || allowed.includes(amountText(divisor))) return []
  const values = noun === 'cpu' ? '1m and 1' : BYTE_DIVISORS.join(', ')
  return [invalid(path, resource, `only divisor's values ${values} are supported with the ${noun} resource`)]
}

function divisorsOf(resource: string): readonly [allowed: readonly string[], noun: string] {
  const kind = resource.slice(resource.indexOf('.') + 1)
  if (isHugePagesField(resource)) return [BYTE_DIVISORS, 'hugepages']
  if (!RESOURCES.includes(resource)) return [[], '']
  if (kind === 'cpu') return [['1m', '1'], 'cpu']
  return [BYTE_DIVISORS, kind === 'memory' ? 'memory' : 'local ephemeral storage']
}
