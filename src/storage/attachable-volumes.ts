import type { CSIDriver, PersistentVolume, PersistentVolumeClaim, PodSpec } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PodRow } from '../cluster/rows.ts'

/** A volume that has to be attached to a node before a pod there can use it. */
export interface AttachableVolume {
  /** Of the PersistentVolume. */
  readonly name: string
  /** Whether it may be attached to several nodes at a time. */
  readonly isShared: boolean
}

/** Sources of volumes of clouds from before CSI, which Kubernetes takes to the drivers of the same disks. */
const LEGACY_DISKS = [
  'awsElasticBlockStore',
  'azureDisk',
  'cinder',
  'gcePersistentDisk',
  'vsphereVolume',
] as const

/** Whether pods of a template have claims at all. */
export function hasClaims({ volumes = [] }: PodSpec): boolean {
  return volumes.some(
    (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined,
  )
}

/** The volumes of a pod that have to be attached, in the order of its spec; claims without a volume are left out. */
export function attachableVolumes(api: ApiServer, pod: PodRow): readonly AttachableVolume[] {
  const { metadata, spec } = api.pods.infoOf(pod).template
  const claims = api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
  const volumes = api.collection<PersistentVolume>('PersistentVolume')
  const found = new Map<string, AttachableVolume>()
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    const claimName =
      persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? '' : `${api.pods.nameOf(pod)}-${name}`)
    const volumeName = claims.get(`${metadata.namespace}/${claimName}`)?.spec?.volumeName ?? ''
    const volume = volumes.get(volumeName)
    if (volume === undefined || !isAttachable(api, volume)) continue
    found.set(volumeName, { name: volumeName, isShared: isShared(volume) })
  }
  return [...found.values()]
}

/** Source: kube-controller-manager v1.37, csi plugin `CanAttach`: drivers attach unless they say that they do not. */
function isAttachable(api: ApiServer, { spec }: PersistentVolume): boolean {
  if (spec?.csi !== undefined) {
    return api.collection<CSIDriver>('CSIDriver').get(spec.csi.driver)?.spec?.attachRequired !== false
  }
  return LEGACY_DISKS.some((kind) => spec?.[kind] !== undefined)
}

/** Source: kube-controller-manager v1.37, attachdetach/util `IsMultiAttachAllowed`. */
function isShared({ spec }: PersistentVolume): boolean {
  const modes = spec?.accessModes ?? []
  return modes.length === 0 || modes.includes('ReadWriteMany') || modes.includes('ReadOnlyMany')
}
