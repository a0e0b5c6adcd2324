import type {
  PersistentVolume,
  PersistentVolumeSpec,
  SecretReference,
  VolumeNodeAffinity,
} from '../types.generated.ts'
import { validateNodeSelector } from './affinity.ts'
import { entriesOf, items, text } from './absent.ts'
import { validateBasicAmount, validatePositiveAmount } from './amounts.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateNoBacksteps } from './file-paths.ts'
import { mapValue } from './go-shapes.ts'
import {
  requireTexts,
  supported,
  validateAzureDisk,
  validateAzureFile,
  validateCinder,
  validateFibreChannel,
  validateFlexVolume,
  validateFlocker,
  validateGlusterfs,
  validateIscsi,
  validatePartition,
  validateQuobyte,
  validateStorageOs,
} from './legacy-volumes.ts'
import { validateObjectMeta } from './metadata.ts'
import { dns1123Label, dns1123Subdomain, subdomainName } from './names.ts'
import { validateAccessModes, VOLUME_MODES } from './persistent-volume-claims.ts'
import { validateDriverName, validateHostPath, validateNfs } from './volume-sources.ts'
import { ISCSI_LENGTH } from './volumes.ts'

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']

type Source = keyof PersistentVolumeSpec

/** Kinds of sources in the order in which they are looked at. */
const SOURCES: readonly Source[] = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]
const REFUSED: Readonly<Record<string, string>> = { cephfs: 'cephFS' }

/** A persistent volume. Source: Kubernetes v1.37, core/validation `ValidatePersistentVolume`. */
export function validatePersistentVolume(volume: PersistentVolume): FieldErrors {
  const spec = volume.spec ?? {}
  return [
    ...validateObjectMeta(volume.metadata, false, subdomainName),
    ...(items(spec.accessModes).length === 0 ? [required('spec.accessModes')] : []),
    ...validateAccessModes(spec.accessModes, 'spec.accessModes'),
    ...capacityErrors(spec),
    ...policyErrors(spec),
    ...affinityErrors(spec.nodeAffinity),
    ...sourcesErrors(spec, text(volume.metadata?.name)),
    ...classErrors(text(spec.storageClassName), 'spec.storageClassName'),
    ...supported(spec.volumeMode, VOLUME_MODES, 'spec.volumeMode'),
    ...attributesErrors(spec),
  ]
}

function capacityErrors({ capacity = {} }: PersistentVolumeSpec): FieldErrors {
  const path = 'spec.capacity'
  const names = Object.keys(capacity)
  const isStorage = names.length === 1 && names[0] === 'storage'
  return [
    ...(names.length === 0 ? [required(path)] : []),
    ...(isStorage ? [] : [notSupported(path, mapValue(capacity), ['storage'])]),
    ...entriesOf(capacity).flatMap(([name, amount]) => [
      ...validateBasicAmount(amount, `${path}[${name}]`),
      ...validatePositiveAmount(amount, `${path}[${name}]`),
    ]),
  ]
}

function policyErrors({
  persistentVolumeReclaimPolicy: policy = '',
  hostPath,
}: PersistentVolumeSpec): FieldErrors {
  const path = 'spec.persistentVolumeReclaimPolicy'
  const isRoot = hostPath !== undefined && /^\/+(\.?\/+)*\.?$/.test(text(hostPath.path))
  return [
    ...(policy === '' ? [] : supported(policy, RECLAIM_POLICIES, path)),
    ...(isRoot && policy === 'Recycle'
      ? [forbidden(path, "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
  ]
}

function affinityErrors(affinity: VolumeNodeAffinity | undefined): FieldErrors {
  const path = 'spec.nodeAffinity.required'
  if (affinity === undefined) return []
  if (affinity.required === undefined) return [required(path, 'must specify required node constraints')]
  return validateNodeSelector(affinity.required, path)
}

function sourcesErrors(spec: PersistentVolumeSpec, name: string): FieldErrors {
  const given = SOURCES.filter((source) => spec[source] !== undefined)
  if (given.length === 0) return [required('spec', 'must specify a volume type')]
  return given.flatMap((source, index) => {
    if (index === 0 || source === 'flexVolume') return sourceErrors(spec, source, name)
    return [forbidden(`spec.${REFUSED[source] ?? source}`, 'may not specify more than 1 volume type')]
  })
}

function sourceErrors(spec: PersistentVolumeSpec, source: Source, name: string): FieldErrors {
  const path = `spec.${source}`
  const { hostPath, gcePersistentDisk, awsElasticBlockStore, nfs, local, csi, iscsi } = spec
  if (source === 'hostPath' && hostPath !== undefined) return validateHostPath(hostPath, path)
  if (source === 'gcePersistentDisk' && gcePersistentDisk !== undefined) {
    const shown = 'spec.persistentDisk'
    return [
      ...requireTexts(gcePersistentDisk, ['pdName'], shown),
      ...validatePartition(gcePersistentDisk.partition, shown),
    ]
  }
  if (source === 'awsElasticBlockStore' && awsElasticBlockStore !== undefined) {
    const { partition } = awsElasticBlockStore
    return [...requireTexts(awsElasticBlockStore, ['volumeID'], path), ...validatePartition(partition, path)]
  }
  if (source === 'nfs' && nfs !== undefined) return validateNfs(nfs, path)
  if (source === 'iscsi' && iscsi !== undefined) {
    const portal = text(iscsi.targetPortal)
    const isLong = iscsi.initiatorName !== undefined && `${name}:${portal}`.length > 64
    return [
      ...(isLong ? [invalid(`${path}.targetportal`, portal, ISCSI_LENGTH)] : []),
      ...validateIscsi(iscsi, true, path),
    ]
  }
  if (source === 'local' && local !== undefined) {
    const needsAffinity = spec.nodeAffinity === undefined
    return [
      ...(text(local.path) === ''
        ? [required(`${path}.path`)]
        : validateNoBacksteps(local.path, `${path}.path`)),
      ...(needsAffinity ? [required('spec.nodeAffinity', 'Local volume requires node affinity')] : []),
    ]
  }
  if (source === 'csi' && csi !== undefined) return csiErrors(csi, path)
  return storageSystemErrors(spec, source, path)
}

function storageSystemErrors(spec: PersistentVolumeSpec, source: Source, path: string): FieldErrors {
  const {
    glusterfs,
    flocker,
    rbd,
    quobyte,
    cephfs,
    cinder,
    fc,
    flexVolume,
    azureFile,
    azureDisk,
    storageos,
  } = spec
  if (source === 'glusterfs' && glusterfs !== undefined) return validateGlusterfs(glusterfs, path)
  if (source === 'flocker' && flocker !== undefined) return validateFlocker(flocker, path)
  if (source === 'rbd' && rbd !== undefined) return requireTexts(rbd, ['monitors', 'image'], path)
  if (source === 'quobyte' && quobyte !== undefined) return validateQuobyte(quobyte, path)
  if (source === 'cephfs' && cephfs !== undefined) return requireTexts(cephfs, ['monitors'], path)
  if (source === 'cinder' && cinder !== undefined) return validateCinder(cinder, true, path)
  if (source === 'fc' && fc !== undefined) return validateFibreChannel(fc, path)
  if (source === 'flexVolume' && flexVolume !== undefined) return validateFlexVolume(flexVolume, path)
  if (source === 'azureFile' && azureFile !== undefined) return validateAzureFile(azureFile, path)
  if (source === 'vsphereVolume') return requireTexts(spec.vsphereVolume ?? {}, ['volumePath'], path)
  if (source === 'photonPersistentDisk') return requireTexts(spec.photonPersistentDisk ?? {}, ['pdID'], path)
  if (source === 'portworxVolume') return requireTexts(spec.portworxVolume ?? {}, ['volumeID'], path)
  if (source === 'azureDisk' && azureDisk !== undefined) return validateAzureDisk(azureDisk, path)
  if (source === 'storageos' && storageos !== undefined) return validateStorageOs(storageos, true, path)
  return requireTexts(spec.scaleIO ?? {}, ['gateway', 'system', 'volumeName'], path)
}

function csiErrors(csi: NonNullable<PersistentVolumeSpec['csi']>, path: string): FieldErrors {
  const { controllerPublishSecretRef, controllerExpandSecretRef, nodePublishSecretRef, nodeExpandSecretRef } =
    csi
  const secrets = {
    controllerPublishSecretRef,
    controllerExpandSecretRef,
    nodePublishSecretRef,
    nodeExpandSecretRef,
  }
  return [
    ...validateDriverName(csi.driver, `${path}.driver`),
    ...requireTexts(csi, ['volumeHandle'], path),
    ...Object.entries(secrets).flatMap(([field, secret]) =>
      secret === undefined ? [] : secretErrors(secret, `${path}.${field}`),
    ),
  ]
}

function secretErrors({ name = '', namespace = '' }: SecretReference, path: string): FieldErrors {
  return [
    ...(name === '' ? [required(`${path}.name`)] : invalidEach(`${path}.name`, name, dns1123Subdomain(name))),
    ...(namespace === ''
      ? [required(`${path}.namespace`)]
      : invalidEach(`${path}.namespace`, namespace, dns1123Label(namespace))),
  ]
}

function classErrors(name: string, path: string): FieldErrors {
  return name === '' ? [] : invalidEach(path, name, subdomainName(name, false))
}

function attributesErrors({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec): FieldErrors {
  const path = 'spec.volumeAttributesClassName'
  if (name === undefined) return []
  const needsDriver = csi === undefined
  return [
    ...(name === '' ? [required(path, 'an empty string is disallowed')] : classErrors(name, path)),
    ...(needsDriver
      ? [required('spec.csi', 'has to be specified when using volumeAttributesClassName')]
      : []),
  ]
}
