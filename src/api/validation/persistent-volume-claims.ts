import type {
  ObjectMeta,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import { validateAmount, validatePositiveAmount } from './amounts.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateLabelSelector } from './label-selectors.ts'
import { supported } from './legacy-volumes.ts'
import { validateAnnotations, validateLabels, validateObjectMeta } from './metadata.ts'
import { dns1123Subdomain, labelName, subdomainName } from './names.ts'

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
/** Modes in which a volume is attached. */
export const VOLUME_MODES = ['Block', 'Filesystem']

/** A claim. Source: Kubernetes v1.37, core/validation `ValidatePersistentVolumeClaim`. */
export function validatePersistentVolumeClaim(claim: PersistentVolumeClaim): FieldErrors {
  return [
    ...validateObjectMeta(claim.metadata, true, subdomainName),
    ...validateClaimSpec(claim.spec ?? {}, 'spec'),
  ]
}

/** A claim that is made with its pod: metadata may hold labels and annotations only. */
export function validateClaimTemplate(template: PersistentVolumeClaimTemplate, path: string): FieldErrors {
  return [
    ...templateMetaErrors(template.metadata ?? {}, `${path}.metadata`),
    ...validateClaimSpec(template.spec ?? {}, `${path}.spec`),
  ]
}

function templateMetaErrors(meta: ObjectMeta, path: string): FieldErrors {
  const others = Object.entries(meta).filter(([key, value]) => {
    if (key === 'labels' || key === 'annotations') return false
    return value !== undefined && value !== '' && value !== 0
  })
  return [
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateLabels(meta.labels, `${path}.labels`),
    ...others.map(([key]) => forbidden(`${path}.${key === 'uid' ? 'uID' : key}`, 'cannot be set')),
  ]
}

/** Access modes: known ones, and ReadWriteOncePod alone. */
export function validateAccessModes(modes: readonly string[] | undefined, path: string): FieldErrors {
  const known = items(modes).filter((mode) => ACCESS_MODES.includes(mode))
  const isMixed = known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')
  return [
    ...items(modes)
      .filter((mode) => !ACCESS_MODES.includes(mode))
      .map((mode) => notSupported(path, mode, ACCESS_MODES)),
    ...(isMixed ? [forbidden(path, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

/** The spec of a claim. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldErrors {
  const { accessModes, selector, storageClassName = '', volumeMode, dataSource, dataSourceRef } = spec
  const { volumeAttributesClassName = '' } = spec
  const modes = `${path}.accessModes`
  return [
    ...(items(accessModes).length === 0 ? [required(modes, 'at least 1 access mode is required')] : []),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...validateAccessModes(accessModes, modes),
    ...storageErrors(spec, `${path}.resources[storage]`),
    ...classErrors(storageClassName, `${path}.storageClassName`),
    ...supported(volumeMode, VOLUME_MODES, `${path}.volumeMode`),
    ...(dataSource === undefined ? [] : sourceErrors(dataSource, `${path}.dataSource`)),
    ...(dataSourceRef === undefined ? [] : sourceErrors(dataSourceRef, `${path}.dataSourceRef`)),
    ...bothSourcesErrors(spec, path),
    ...classErrors(volumeAttributesClassName, `${path}.volumeAttributesClassName`),
  ]
}

function storageErrors({ resources }: PersistentVolumeClaimSpec, path: string): FieldErrors {
  const storage = resources?.requests?.storage
  if (storage === undefined) return [required(path)]
  const errors = validatePositiveAmount(storage, path)
  return errors.length > 0 ? errors : validateAmount('storage', storage, path)
}

function classErrors(name: string, path: string): FieldErrors {
  return name === '' ? [] : invalidEach(path, name, subdomainName(name, false))
}

function sourceErrors(
  source: Partial<TypedLocalObjectReference & TypedObjectReference>,
  path: string,
): FieldErrors {
  const { apiGroup = '', kind = '', name = '', namespace = '' } = source
  const isUnknown = apiGroup === '' && kind !== 'PersistentVolumeClaim'
  const expected = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(kind === '' ? [required(`${path}.kind`)] : []),
    ...(isUnknown ? [invalid(path, kind, expected)] : []),
    ...(apiGroup === '' ? [] : invalidEach(`${path}.apiGroup`, apiGroup, dns1123Subdomain(apiGroup))),
    ...(namespace === '' ? [] : invalidEach(`${path}.namespace`, namespace, labelName(namespace, false))),
  ]
}

function bothSourcesErrors(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: string,
): FieldErrors {
  if (dataSource === undefined || dataSourceRef === undefined) return []
  // The value is a path, which marshals as an empty struct.
  if (text(dataSourceRef.namespace) !== '') {
    return [invalid(path, { json: {} }, 'may not be specified when dataSourceRef.namespace is specified')]
  }
  const isSame =
    dataSource.apiGroup === dataSourceRef.apiGroup &&
    text(dataSource.kind) === text(dataSourceRef.kind) &&
    text(dataSource.name) === text(dataSourceRef.name)
  return isSame ? [] : [invalid(path, { json: {} }, 'must match dataSourceRef')]
}
