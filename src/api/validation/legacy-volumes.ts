import type {
  AzureDiskVolumeSource,
  AzureFilePersistentVolumeSource,
  CinderPersistentVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIVolumeSource,
  QuobyteVolumeSource,
  SecretReference,
  StorageOSVolumeSource,
} from '../types.generated.ts'
import { entriesOf, items, text, whole } from './absent.ts'
import { invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { listValue } from './go-shapes.ts'
import { dns1123Label, inRange, labelName } from './names.ts'

/** Fields that must have a value. */
export function requireTexts(source: object, names: readonly string[], path: string): FieldErrors {
  const fields = source as Readonly<Record<string, unknown>>
  return names.flatMap((name) => {
    const value = fields[name]
    const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    return isEmpty ? [required(`${path}.${name}`)] : []
  })
}

/** A partition of a disk in a cloud. */
export function validatePartition(partition: number | undefined, path: string): FieldErrors {
  const value = whole(partition)
  if (value >= 0 && value <= 255) return []
  return [invalid(`${path}.partition`, value, 'must be between 1 and 255, inclusive')]
}

/** A reference to a secret by name. */
export function requireSecretName(secret: SecretReference | undefined, path: string): FieldErrors {
  return secret === undefined ? [] : requireTexts(secret, ['name'], `${path}.secretRef`)
}

const INITIATORS: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([-.0-9A-Za-z]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[0-9A-Za-z]{16}$/,
  naa: /^naa.[0-9A-Za-z]{32}$/,
}

function initiatorErrors(name: string, isPersistent: boolean, path: string): FieldErrors {
  const form = INITIATORS[name.slice(0, 3)]
  if (form === undefined) {
    const forms = isPersistent ? '' : ' starting with iqn, eui, or naa'
    return [invalid(path, name, `must be valid format${forms}`)]
  }
  return form.test(name) ? [] : [invalid(path, name, 'must be valid format')]
}

/**
 * A volume of iSCSI, of a pod or persistent.
 *
 * Source: Kubernetes v1.37, core/validation `validateISCSIVolumeSource`.
 */
export function validateIscsi(
  source: Partial<ISCSIVolumeSource>,
  isPersistent: boolean,
  path: string,
): FieldErrors {
  const { iqn = '', lun, chapAuthDiscovery, chapAuthSession, secretRef, initiatorName } = source
  const needsSecret = chapAuthDiscovery === true || chapAuthSession === true
  return [
    ...requireTexts(source, ['targetPortal'], path),
    ...(iqn === '' ? [required(`${path}.iqn`)] : initiatorErrors(iqn, isPersistent, `${path}.iqn`)),
    ...invalidEach(`${path}.lun`, whole(lun), inRange(whole(lun), 0, 255)),
    ...(needsSecret && secretRef === undefined ? [required(`${path}.secretRef`)] : []),
    ...(isPersistent ? requireSecretName(secretRef, path) : []),
    ...(initiatorName === undefined
      ? []
      : initiatorErrors(initiatorName, isPersistent, `${path}.initiatorname`)),
  ]
}

/** A volume of Fibre Channel. */
export function validateFibreChannel({ targetWWNs, wwids, lun }: FCVolumeSource, path: string): FieldErrors {
  const hasNames = items(targetWWNs).length > 0
  const hasIds = items(wwids).length > 0
  const place = `${path}.targetWWNs`
  const lunErrors =
    lun === undefined
      ? [required(`${path}.lun`, 'lun is required if targetWWNs is specified')]
      : invalidEach(`${path}.lun`, lun, inRange(lun, 0, 255))
  const both = 'targetWWNs and wwids can not be specified simultaneously'
  return [
    ...(hasNames || hasIds ? [] : [required(place, 'must specify either targetWWNs or wwids, but not both')]),
    ...(hasNames && hasIds ? [invalid(place, listValue(targetWWNs), both)] : []),
    ...(hasNames ? lunErrors : []),
  ]
}

const PAIRS = 'must be a host:port pair or multiple pairs separated by commas'

/** A volume of Quobyte. */
export function validateQuobyte(source: QuobyteVolumeSource, path: string): FieldErrors {
  return [...registryErrors(source, path), ...requireTexts(source, ['volume'], path)]
}

function registryErrors(
  { registry = '', tenant = '' }: Partial<QuobyteVolumeSource>,
  path: string,
): FieldErrors {
  if (registry === '') return [required(`${path}.registry`, PAIRS)]
  if (tenant.length >= 65) {
    return [required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')]
  }
  return registry
    .split(',')
    .filter((pair) => !/^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair))
    .map(() => invalid(`${path}.registry`, registry, PAIRS))
}

/** A volume of GlusterFS, whose endpoints may be in another namespace. */
export function validateGlusterfs(source: GlusterfsPersistentVolumeSource, path: string): FieldErrors {
  const { endpointsNamespace } = source
  const place = `${path}.endpointsNamespace`
  const empty = 'if the endpointnamespace is set, it must be a valid namespace name'
  const namespaceErrors =
    endpointsNamespace === ''
      ? [invalid(place, '', empty)]
      : invalidEach(place, text(endpointsNamespace), labelName(text(endpointsNamespace), false))
  return [
    ...requireTexts(source, ['endpoints', 'path'], path),
    ...(endpointsNamespace === undefined ? [] : namespaceErrors),
  ]
}

/** A volume of Flocker: a name or an identifier. */
export function validateFlocker(
  { datasetName = '', datasetUUID = '' }: FlockerVolumeSource,
  path: string,
): FieldErrors {
  const isNone = datasetName === '' && datasetUUID === ''
  const areBoth = datasetName !== '' && datasetUUID !== ''
  const both = 'datasetName and datasetUUID can not be specified simultaneously'
  return [
    ...(isNone ? [required(path, 'one of datasetName and datasetUUID is required')] : []),
    ...(areBoth ? [invalid(path, 'resource', both)] : []),
    ...(datasetName.includes('/')
      ? [invalid(`${path}.datasetName`, datasetName, "must not contain '/'")]
      : []),
  ]
}

/** A volume of Cinder; a persistent one names the namespace of its secret. */
export function validateCinder(
  source: CinderPersistentVolumeSource,
  isPersistent: boolean,
  path: string,
): FieldErrors {
  const { secretRef } = source
  const names = isPersistent ? ['name', 'namespace'] : ['name']
  return [
    ...requireTexts(source, ['volumeID'], path),
    ...(secretRef === undefined ? [] : requireTexts(secretRef, names, `${path}.secretRef`)),
  ]
}

/** A volume of a FlexVolume driver: options must not use the domains of Kubernetes. */
export function validateFlexVolume(source: FlexVolumeSource, path: string): FieldErrors {
  return [
    ...requireTexts(source, ['driver'], path),
    ...entriesOf(source.options).flatMap(([key]) => {
      const domain = `.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`
      if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) return []
      return [invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')]
    }),
  ]
}

/** A share of Azure Files; a persistent one may name the namespace of its secret. */
export function validateAzureFile(source: AzureFilePersistentVolumeSource, path: string): FieldErrors {
  return [
    ...requireTexts(source, ['secretName', 'shareName'], path),
    ...(source.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
  ]
}

const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite']
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared']
const MANAGED_URI =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

/** A disk of Azure. */
export function validateAzureDisk(source: Partial<AzureDiskVolumeSource>, path: string): FieldErrors {
  const { cachingMode, kind, diskURI = '' } = source
  const isManaged = kind === 'Managed'
  const start = isManaged ? '/subscriptions/' : 'https://'
  const isUri = kind === undefined || diskURI.startsWith(start)
  return [
    ...requireTexts(source, ['diskName', 'diskURI'], path),
    ...supported(cachingMode, CACHING_MODES, `${path}.cachingMode`),
    ...supported(kind, DISK_KINDS, `${path}.kind`),
    ...(isUri ? [] : [notSupported(`${path}.diskURI`, diskURI, [isManaged ? MANAGED_URI : BLOB_URI])]),
  ]
}

/** A value of an enumeration, if there is one. */
export function supported(value: string | undefined, values: readonly string[], path: string): FieldErrors {
  return value === undefined || values.includes(value) ? [] : [notSupported(path, value, values)]
}

/** A volume of StorageOS; a persistent one names the namespace of its secret. */
export function validateStorageOs(
  source: Omit<StorageOSVolumeSource, 'secretRef'> & { readonly secretRef?: SecretReference },
  isPersistent: boolean,
  path: string,
): FieldErrors {
  const { volumeName = '', volumeNamespace = '', secretRef } = source
  const names = isPersistent ? ['name', 'namespace'] : ['name']
  return [
    ...(volumeName === ''
      ? [required(`${path}.volumeName`)]
      : invalidEach(`${path}.volumeName`, volumeName, dns1123Label(volumeName))),
    ...(volumeNamespace === ''
      ? []
      : invalidEach(`${path}.volumeNamespace`, volumeNamespace, dns1123Label(volumeNamespace))),
    ...(secretRef === undefined ? [] : requireTexts(secretRef, names, `${path}.secretRef`)),
  ]
}
