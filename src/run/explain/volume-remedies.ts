import { controllerAmong } from '../../api/owner-references.ts'
import { isBound } from '../../../plugins/pod-volumes.ts'
import { claimVolumes, findClaim, findVolume, storageClassOf } from '../../../plugins/volume-claims.ts'
import type { PersistentVolumeClaim, StorageClass } from '../../api/types.generated.ts'
import type { StoppedPod } from './stop-remedies.ts'

const NO_PROVISIONER = 'kubernetes.io/no-provisioner'
const FIRST_CONSUMER = 'WaitForFirstConsumer'

/** What the volume plugins that end a cycle want changed: of every claim of the pod that is not as it should be. */
export function volumeRemedies(stopped: StoppedPod): readonly string[] {
  const { shape, identity, cluster } = stopped
  const remedies = claimVolumes(shape.spec.volumes ?? [], identity).flatMap(({ name, isEphemeral }) => {
    const claim = findClaim(cluster, shape.namespace, name)
    if (claim === undefined) return missingClaim(stopped, name, isEphemeral)
    return claimRemedies(stopped, claim, isEphemeral)
  })
  return [...new Set(remedies)]
}

function missingClaim({ shape, cluster }: StoppedPod, name: string, isEphemeral: boolean): string[] {
  const key = `${shape.namespace}/${name}`
  if (isEphemeral) {
    return [
      `create PersistentVolumeClaim ${key} with the pod as its controller, as the ephemeral volume controller does`,
    ]
  }
  const elsewhere = [...(cluster.objects('PersistentVolumeClaim') as Iterable<PersistentVolumeClaim>)]
    .filter(({ metadata }) => metadata?.name === name)
    .map(({ metadata }) => metadata?.namespace ?? '')
  const hint =
    elsewhere.length === 0 ? '' : ` (there is one of that name in namespace ${elsewhere.join(', ')})`
  return [`create PersistentVolumeClaim ${key}${hint}`]
}

function claimRemedies(stopped: StoppedPod, claim: PersistentVolumeClaim, isEphemeral: boolean): string[] {
  const { cluster, identity } = stopped
  const { metadata, spec, status } = claim
  const key = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
  const volumeName = spec?.volumeName ?? ''
  if (metadata?.deletionTimestamp !== undefined) {
    return [`let PersistentVolumeClaim ${key} go, and create it anew`]
  }
  if (status?.phase === 'Lost') {
    return [`bring PersistentVolume ${volumeName} back, or create PersistentVolumeClaim ${key} anew`]
  }
  const owner = controllerAmong(metadata?.ownerReferences ?? [])
  if (isEphemeral && owner?.uid !== identity.uid) {
    return [`delete PersistentVolumeClaim ${key}, which is not the pod's, so that its own can be made`]
  }
  if (volumeName !== '' && findVolume(cluster, volumeName) === undefined) {
    return [`create PersistentVolume ${volumeName}, which PersistentVolumeClaim ${key} names`]
  }
  if (isBound(claim)) return []
  if (volumeName !== '') {
    return [`let PersistentVolumeClaim ${key} be bound to PersistentVolume ${volumeName}, which it names`]
  }
  return unboundRemedies(stopped, claim, key)
}

/** Of a claim without a volume that does not wait for its first consumer. */
function unboundRemedies({ cluster }: StoppedPod, claim: PersistentVolumeClaim, key: string): string[] {
  const className = storageClassOf(claim)
  const wanted = wantedVolume(claim)
  if (className === '') {
    return [
      `create a PersistentVolume of no class with ${wanted} for PersistentVolumeClaim ${key} to be bound to, or give the claim a storage class`,
    ]
  }
  const storageClass = cluster.object('StorageClass', className) as StorageClass | undefined
  if (storageClass === undefined) {
    return [`create StorageClass ${className}, which PersistentVolumeClaim ${key} names`]
  }
  if (storageClass.volumeBindingMode === FIRST_CONSUMER) return []
  const made =
    storageClass.provisioner === NO_PROVISIONER ? '' : `, or let ${storageClass.provisioner} make one,`
  return [
    `create a PersistentVolume of class ${className} with ${wanted}${made} for PersistentVolumeClaim ${key} to be bound to; or use a class with volumeBindingMode ${FIRST_CONSUMER}`,
  ]
}

function wantedVolume({ spec }: PersistentVolumeClaim): string {
  const size = spec?.resources?.requests?.['storage']
  const modes = spec?.accessModes ?? []
  const parts = [
    ...(size === undefined ? [] : [`${String(size)} or more`]),
    ...(modes.length === 0 ? [] : [`accessModes ${modes.join(' and ')}`]),
  ]
  return parts.length === 0 ? 'any size' : parts.join(' and ')
}
