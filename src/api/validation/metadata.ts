import type { ObjectMeta, OwnerReference } from '../types.generated.ts'
import { byteLength, entriesOf, items, text, whole } from './absent.ts'
import { forbidden, invalid, invalidEach, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { labelKey, labelName, labelValue } from './names.ts'
import type { ObjectNameCheck } from './names.ts'

type Texts = Readonly<Record<string, string>>

const ANNOTATION_BYTES_MAX = 256 * 1024
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** A number below 0 is an error. */
export function nonNegative(value: number | undefined, path: string): FieldErrors {
  return whole(value) >= 0 ? [] : [invalid(path, whole(value), 'must be greater than or equal to 0')]
}

/**
 * The metadata of an object on create.
 *
 * Source: Kubernetes v1.37, apimachinery pkg/api/validation/objectmeta.go `ValidateObjectMetaAccessor`, and
 * pkg/apis/core/validation `ValidateObjectMeta` (names of finalizers).
 */
export function validateObjectMeta(
  meta: ObjectMeta | undefined,
  isNamespaced: boolean,
  checkName: ObjectNameCheck,
): FieldErrors {
  const {
    generateName = '',
    name = '',
    finalizers,
    generation,
    labels,
    annotations,
    ownerReferences,
  } = meta ?? {}
  return [
    ...(generateName === ''
      ? []
      : invalidEach('metadata.generateName', generateName, checkName(generateName, true))),
    ...(name === ''
      ? [required('metadata.name', 'name or generateName is required')]
      : invalidEach('metadata.name', name, checkName(name, false))),
    ...namespaceErrors(text(meta?.namespace), isNamespaced),
    ...nonNegative(generation, 'metadata.generation'),
    ...validateLabels(labels, 'metadata.labels'),
    ...validateAnnotations(annotations, 'metadata.annotations'),
    ...ownerErrors(items(ownerReferences), 'metadata.ownerReferences'),
    ...finalizerErrors(items(finalizers), 'metadata.finalizers'),
  ]
}

function namespaceErrors(namespace: string, isNamespaced: boolean): FieldErrors {
  const path = 'metadata.namespace'
  if (!isNamespaced) return namespace === '' ? [] : [forbidden(path, 'not allowed on this type')]
  return namespace === '' ? [required(path)] : invalidEach(path, namespace, labelName(namespace, false))
}

/** Labels: keys and values. Source: apimachinery apis/meta/v1/validation `ValidateLabels`. */
export function validateLabels(labels: Texts | undefined, path: string): FieldErrors {
  return entriesOf(labels).flatMap(([key, value]) => [
    ...validateLabelKey(key, path),
    ...invalidEach(path, value, labelValue(value)),
  ])
}

/** The key of a label. */
export function validateLabelKey(key: string, path: string): FieldErrors {
  return invalidEach(path, key, labelKey(key))
}

/** Annotations: keys without regard to case, and the size of all. */
export function validateAnnotations(annotations: Texts | undefined, path: string): FieldErrors {
  const entries = entriesOf(annotations)
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return [
    ...entries.flatMap(([key]) => invalidEach(path, key, labelKey(key.toLowerCase()))),
    ...(size > ANNOTATION_BYTES_MAX ? [tooLong(path, ANNOTATION_BYTES_MAX)] : []),
  ]
}

function ownerErrors(owners: readonly OwnerReference[], path: string): FieldErrors {
  const controllers = owners.filter(({ controller }) => controller === true)
  const [first] = controllers
  const others = controllers.slice(1).map(({ name }) => {
    const found = `Found "true" in references for ${text(first?.name)} and ${text(name)}`
    return invalid(path, { json: owners }, `Only one reference can have Controller set to true. ${found}`)
  })
  return [...owners.flatMap((owner) => ownerReferenceErrors(owner, path)), ...others]
}

function ownerReferenceErrors(owner: OwnerReference, path: string): FieldErrors {
  const apiVersion = text(owner.apiVersion)
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const isEvent = apiVersion === 'v1' && owner.kind === 'Event'
  return [
    ...(version === '' ? [invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty')] : []),
    ...notEmpty(text(owner.kind), `${path}.kind`),
    ...notEmpty(text(owner.name), `${path}.name`),
    ...notEmpty(text(owner.uid), `${path}.uid`),
    ...(isEvent ? [invalid(path, { json: owner }, '/v1, Kind=Event is disallowed from being an owner')] : []),
  ]
}

function notEmpty(value: string, path: string): FieldErrors {
  return value === '' ? [invalid(path, value, 'must not be empty')] : []
}

function finalizerErrors(finalizers: readonly string[], path: string): FieldErrors {
  const areBoth = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')
  const both = 'finalizer orphan and foregroundDeletion cannot be both set'
  return [
    ...finalizers.flatMap((name) => invalidEach(path, name, labelKey(name))),
    ...(areBoth ? [invalid(path, { json: finalizers }, both)] : []),
    ...finalizers.flatMap((name, index) => validateFinalizerName(name, `${path}[${index}]`)),
  ]
}

/** A finalizer without a domain must be one of Kubernetes' own. */
export function validateFinalizerName(name: string, path: string): FieldErrors {
  if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return []
  return [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')]
}
