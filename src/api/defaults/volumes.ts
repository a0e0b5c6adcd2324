import { parseImageReference } from '../image-reference.ts'
import type {
  DownwardAPIVolumeFile,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  StorageClass,
  Volume,
  VolumeProjection,
} from '../types.generated.ts'
import { roundAmounts, roundResources } from './amounts.ts'
import { eachOf, isUnset, withChanged, withDefaults } from './fields.ts'

/** Octal 0644. */
const FILE_MODE = 0o644
const TOKEN_SECONDS = 3600
const HOST_PATH = { type: '' }
const ISCSI = { iscsiInterface: 'default' }
const RBD = { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }
const AZURE_DISK = { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' }
const SCALE_IO = { storageMode: 'ThinProvisioned', fsType: 'xfs' }

/**
 * Defaults of a volume of a pod: an empty directory when it has no source, modes of files, types of paths.
 *
 * Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_Volume` and those of the sources.
 */
export function defaultVolume(volume: Volume): Volume {
  const hasSource = Object.entries(volume).some(([field, value]) => field !== 'name' && !isUnset(value))
  let next = hasSource ? volume : { ...volume, emptyDir: {} }
  next = withChanged(next, 'hostPath', (source) => withDefaults(source, HOST_PATH))
  next = withChanged(next, 'secret', (source) => withDefaults(source, { defaultMode: FILE_MODE }))
  next = withChanged(next, 'configMap', (source) => withDefaults(source, { defaultMode: FILE_MODE }))
  next = withChanged(next, 'downwardAPI', (source) =>
    withChanged(withDefaults(source, { defaultMode: FILE_MODE }), 'items', eachOf(defaultDownwardFile)),
  )
  next = withChanged(next, 'projected', (source) =>
    withChanged(withDefaults(source, { defaultMode: FILE_MODE }), 'sources', eachOf(defaultProjection)),
  )
  next = withChanged(next, 'ephemeral', (source) =>
    withChanged(source, 'volumeClaimTemplate', (template) =>
      withChanged(template, 'spec', defaultVolumeClaimSpec),
    ),
  )
  next = withChanged(next, 'image', (source) => {
    const isLatest = parseImageReference(source.reference ?? '')?.tag === 'latest'
    return withDefaults(source, { pullPolicy: isLatest ? 'Always' : 'IfNotPresent' })
  })
  return defaultDisks(next)
}

function defaultDisks(volume: Volume): Volume {
  let next = withChanged(volume, 'iscsi', (source) => withDefaults(source, ISCSI))
  next = withChanged(next, 'rbd', (source) => withDefaults(source, RBD))
  next = withChanged(next, 'azureDisk', (source) => withDefaults(source, AZURE_DISK))
  return withChanged(next, 'scaleIO', (source) => withDefaults(source, SCALE_IO))
}

function defaultDownwardFile(file: DownwardAPIVolumeFile): DownwardAPIVolumeFile {
  return withChanged(file, 'fieldRef', (reference) => withDefaults(reference, { apiVersion: 'v1' }))
}

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const next = withChanged(projection, 'downwardAPI', (source) =>
    withChanged(source, 'items', eachOf(defaultDownwardFile)),
  )
  return withChanged(next, 'serviceAccountToken', (source) =>
    withDefaults(source, { expirationSeconds: TOKEN_SECONDS }),
  )
}

/** Defaults of a PersistentVolume. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_PersistentVolume`. */
export function defaultPersistentVolume(volume: PersistentVolume): PersistentVolume {
  const spec = withDefaults(volume.spec ?? {}, {
    persistentVolumeReclaimPolicy: 'Retain',
    volumeMode: 'Filesystem',
  })
  let next = withChanged(spec, 'capacity', roundAmounts)
  next = withChanged(next, 'hostPath', (source) => withDefaults(source, HOST_PATH))
  next = withChanged(next, 'iscsi', (source) => withDefaults(source, ISCSI))
  next = withChanged(next, 'rbd', (source) => withDefaults(source, RBD))
  next = withChanged(next, 'azureDisk', (source) => withDefaults(source, AZURE_DISK))
  next = withChanged(next, 'scaleIO', (source) => withDefaults(source, SCALE_IO))
  return { ...volume, spec: next, status: withDefaults(volume.status ?? {}, { phase: 'Pending' }) }
}

/** Defaults of a PersistentVolumeClaim. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_PersistentVolumeClaim`. */
export function defaultVolumeClaim(claim: PersistentVolumeClaim): PersistentVolumeClaim {
  const status = withDefaults(claim.status ?? {}, { phase: 'Pending' })
  return {
    ...claim,
    spec: defaultVolumeClaimSpec(claim.spec ?? {}),
    status: withChanged(withChanged(status, 'capacity', roundAmounts), 'allocatedResources', roundAmounts),
  }
}

function defaultVolumeClaimSpec(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  return withChanged(withDefaults(spec, { volumeMode: 'Filesystem' }), 'resources', roundResources)
}

/** Defaults of a StorageClass. Source: Kubernetes v1.37, apis/storage/v1 `SetDefaults_StorageClass`. */
export function defaultStorageClass(storageClass: StorageClass): StorageClass {
  return withDefaults(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })
}
