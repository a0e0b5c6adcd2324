import type {
  ConfigMapVolumeSource,
  CSIVolumeSource,
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  GitRepoVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  SecretVolumeSource,
  Volume,
} from '../types.generated.ts'
import { items, text } from './absent.ts'
import { amountOf } from './amounts.ts'
import { forbidden, invalid, invalidEach, notSupported, required, tooLong } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { validateDescendingPath, validateFileMode, validateNoBacksteps } from './file-paths.ts'
import {
  requireTexts,
  validateAzureDisk,
  validateAzureFile,
  validateCinder,
  validateFibreChannel,
  validateFlexVolume,
  validateFlocker,
  validateIscsi,
  validatePartition,
  validateQuobyte,
  validateStorageOs,
} from './legacy-volumes.ts'
import { dns1123Subdomain, subdomainName } from './names.ts'
import { validateClaimTemplate } from './persistent-volume-claims.ts'
import { validateProjectedVolume } from './projected-volumes.ts'
import { validatePullPolicy } from './pull-policy.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-files.ts'

/** A kind of source: its field, and how errors name it where that differs. */
export interface VolumeSourceKind {
  readonly key: keyof Volume
  /** Field in errors of the source itself. */
  readonly shown?: string
  /** Field in the error of a second source. */
  readonly refused?: string
}

/** Kinds of sources in the order in which they are looked at: the first that is there counts. */
export const VOLUME_SOURCES: readonly VolumeSourceKind[] = [
  { key: 'emptyDir' },
  { key: 'hostPath' },
  { key: 'gitRepo' },
  { key: 'gcePersistentDisk', shown: 'persistentDisk' },
  { key: 'awsElasticBlockStore' },
  { key: 'secret' },
  { key: 'nfs' },
  { key: 'iscsi' },
  { key: 'glusterfs' },
  { key: 'flocker' },
  { key: 'persistentVolumeClaim' },
  { key: 'rbd' },
  { key: 'cinder' },
  { key: 'cephfs', refused: 'cephFS' },
  { key: 'quobyte' },
  { key: 'downwardAPI', refused: 'downwarAPI' },
  { key: 'fc' },
  { key: 'flexVolume' },
  { key: 'configMap' },
  { key: 'azureFile' },
  { key: 'vsphereVolume' },
  { key: 'photonPersistentDisk' },
  { key: 'portworxVolume' },
  { key: 'azureDisk' },
  { key: 'storageos' },
  { key: 'projected' },
  { key: 'scaleIO' },
  { key: 'csi' },
  { key: 'ephemeral' },
  { key: 'image' },
]

/** The source of a volume. Source: Kubernetes v1.37, core/validation `validateVolumeSource`. */
export function validateVolumeSource(
  volume: Volume,
  { key, shown = key }: VolumeSourceKind,
  isPod: boolean,
  path: string,
): FieldErrors {
  const place = `${path}.${shown}`
  if (volume.emptyDir !== undefined) return emptyDirErrors(volume.emptyDir, place)
  if (volume.hostPath !== undefined) return validateHostPath(volume.hostPath, place)
  if (volume.gitRepo !== undefined) return gitErrors(volume.gitRepo, place)
  if (volume.secret !== undefined) return secretErrors(volume.secret, place)
  if (volume.nfs !== undefined) return validateNfs(volume.nfs, place)
  if (volume.persistentVolumeClaim !== undefined) {
    return requireTexts(volume.persistentVolumeClaim, ['claimName'], place)
  }
  if (volume.downwardAPI !== undefined) return downwardErrors(volume.downwardAPI, place)
  if (volume.configMap !== undefined) return configMapErrors(volume.configMap, place)
  if (volume.projected !== undefined) return validateProjectedVolume(volume.projected, place)
  if (volume.csi !== undefined) return csiErrors(volume.csi, place)
  if (volume.ephemeral !== undefined) return ephemeralErrors(volume.ephemeral, place)
  if (volume.image !== undefined) return imageErrors(volume.image, isPod, place)
  return storageSystemErrors(volume, place)
}

function storageSystemErrors(volume: Volume, path: string): FieldErrors {
  const { gcePersistentDisk, awsElasticBlockStore, iscsi, flocker, cinder, quobyte, fc, flexVolume } = volume
  if (gcePersistentDisk !== undefined) {
    return [
      ...requireTexts(gcePersistentDisk, ['pdName'], path),
      ...validatePartition(gcePersistentDisk.partition, path),
    ]
  }
  if (awsElasticBlockStore !== undefined) {
    const { partition } = awsElasticBlockStore
    return [...requireTexts(awsElasticBlockStore, ['volumeID'], path), ...validatePartition(partition, path)]
  }
  if (iscsi !== undefined) return validateIscsi(iscsi, false, path)
  if (volume.glusterfs !== undefined) return requireTexts(volume.glusterfs, ['endpoints', 'path'], path)
  if (flocker !== undefined) return validateFlocker(flocker, path)
  if (volume.rbd !== undefined) return requireTexts(volume.rbd, ['monitors', 'image'], path)
  if (cinder !== undefined) return validateCinder(cinder, false, path)
  if (volume.cephfs !== undefined) return requireTexts(volume.cephfs, ['monitors'], path)
  if (quobyte !== undefined) return validateQuobyte(quobyte, path)
  if (fc !== undefined) return validateFibreChannel(fc, path)
  if (flexVolume !== undefined) return validateFlexVolume(flexVolume, path)
  if (volume.azureFile !== undefined) return validateAzureFile(volume.azureFile, path)
  if (volume.vsphereVolume !== undefined) return requireTexts(volume.vsphereVolume, ['volumePath'], path)
  if (volume.photonPersistentDisk !== undefined)
    return requireTexts(volume.photonPersistentDisk, ['pdID'], path)
  if (volume.portworxVolume !== undefined) return requireTexts(volume.portworxVolume, ['volumeID'], path)
  if (volume.azureDisk !== undefined) return validateAzureDisk(volume.azureDisk, path)
  if (volume.storageos !== undefined) return validateStorageOs(volume.storageos, false, path)
  return requireTexts(volume.scaleIO ?? {}, ['gateway', 'system', 'volumeName'], path)
}

function emptyDirErrors({ sizeLimit }: EmptyDirVolumeSource, path: string): FieldErrors {
  if (sizeLimit === undefined || amountOf(sizeLimit).nano >= 0n) return []
  return [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** A path of the node's file system. */
export function validateHostPath(
  { path: hostPath = '', type = '' }: Partial<HostPathVolumeSource>,
  path: string,
): FieldErrors {
  if (hostPath === '') return [required(`${path}.path`)]
  const isKnown = HOST_PATH_TYPES.includes(type)
  return [
    ...validateNoBacksteps(hostPath, `${path}.path`),
    ...(isKnown ? [] : [notSupported(`${path}.type`, type, HOST_PATH_TYPES)]),
  ]
}

function gitErrors(source: GitRepoVolumeSource, path: string): FieldErrors {
  return [
    ...requireTexts(source, ['repository'], path),
    ...validateDescendingPath(text(source.directory), `${path}.directory`),
  ]
}

function secretErrors(source: SecretVolumeSource, path: string): FieldErrors {
  return [
    ...requireTexts(source, ['secretName'], path),
    ...keyFileErrors(source.defaultMode, source.items, path),
  ]
}

function configMapErrors(source: ConfigMapVolumeSource, path: string): FieldErrors {
  return [...requireTexts(source, ['name'], path), ...keyFileErrors(source.defaultMode, source.items, path)]
}

function keyFileErrors(
  mode: number | undefined,
  keys: readonly KeyToPath[] | undefined,
  path: string,
): FieldErrors {
  return [
    ...validateFileMode(mode, `${path}.defaultMode`),
    ...items(keys).flatMap((key, index) => validateKeyToPath(key, `${path}.items[${index}]`)),
  ]
}

/** A share of NFS. */
export function validateNfs(source: NFSVolumeSource, path: string): FieldErrors {
  const isAbsolute = text(source.path).startsWith('/')
  return [
    ...requireTexts(source, ['server', 'path'], path),
    ...(isAbsolute ? [] : [invalid(`${path}.path`, text(source.path), 'must be an absolute path')]),
  ]
}

function downwardErrors(source: DownwardAPIVolumeSource, path: string): FieldErrors {
  return [
    ...validateFileMode(source.defaultMode, `${path}.defaultMode`),
    ...items(source.items).flatMap((file) => validateDownwardFile(file, path)),
  ]
}

/** The name of a driver of CSI. */
export function validateDriverName(driver: string | undefined, path: string): FieldErrors {
  const name = text(driver)
  return [
    ...(name === '' ? [required(path)] : []),
    ...(name.length > 63 ? [tooLong(path, 63)] : []),
    ...invalidEach(path, name, dns1123Subdomain(name.toLowerCase())),
  ]
}

function csiErrors({ driver, nodePublishSecretRef }: CSIVolumeSource, path: string): FieldErrors {
  const name = text(nodePublishSecretRef?.name)
  const secret =
    name === ''
      ? [required(`${path}.nodePublishSecretRef.name`)]
      : invalidEach(`${path}.name`, name, subdomainName(name, false))
  return [
    ...validateDriverName(driver, `${path}.driver`),
    ...(nodePublishSecretRef === undefined ? [] : secret),
  ]
}

function ephemeralErrors({ volumeClaimTemplate }: EphemeralVolumeSource, path: string): FieldErrors {
  const place = `${path}.volumeClaimTemplate`
  return volumeClaimTemplate === undefined
    ? [required(place)]
    : validateClaimTemplate(volumeClaimTemplate, place)
}

function imageErrors(
  { reference, pullPolicy }: ImageVolumeSource,
  isPod: boolean,
  path: string,
): FieldErrors {
  const needsReference = isPod && text(reference) === ''
  return [
    ...(needsReference ? [required(`${path}.reference`)] : []),
    ...validatePullPolicy(pullPolicy, `${path}.pullPolicy`),
  ]
}
