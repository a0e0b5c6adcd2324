import { classNameOf } from '../src/api/volume-claims.ts'
import type {
  ObjectMeta,
  PersistentVolume,
  PersistentVolumeClaim,
  Volume,
} from '../src/api/types.generated.ts'
import type { ClusterView, PodIdentity, PodShape } from '../src/scheduler/framework/index.ts'

/** A claim that a volume of a pod stands for. */
export interface ClaimVolume {
  /** Name of the claim; of a generic ephemeral volume it follows from the pod's name. */
  readonly name: string
  /** Whether the claim is made for the pod and has to belong to it. */
  readonly isEphemeral: boolean
}

/** The claims of a pod's volumes, in their order. */
export function claimVolumes(
  volumes: readonly Volume[],
  pod: Pick<PodIdentity, 'name'>,
): readonly ClaimVolume[] {
  return volumes.flatMap((volume): ClaimVolume[] => {
    const claim = claimOf(volume, pod)
    return claim === undefined ? [] : [claim]
  })
}

/** The claim of one volume; undefined when it is of another kind. */
export function claimOf(volume: Volume, pod: Pick<PodIdentity, 'name'>): ClaimVolume | undefined {
  if (volume.persistentVolumeClaim !== undefined) {
    return { name: volume.persistentVolumeClaim.claimName, isEphemeral: false }
  }
  if (volume.ephemeral === undefined) return undefined
  return { name: `${pod.name}-${volume.name}`, isEphemeral: true }
}

/** Whether a claim is one that the volumes of a pod stand for. */
export function isClaimOf(
  { namespace, volumes }: { readonly namespace: string; readonly volumes: readonly Volume[] },
  pod: Pick<PodIdentity, 'name'>,
  { metadata }: PersistentVolumeClaim,
): boolean {
  if (metadata?.namespace !== namespace) return false
  return volumes.some((volume) => claimOf(volume, pod)?.name === metadata.name)
}

/** Whether a pod has volumes that stand for claims. */
export function hasClaims(pod: PodShape): boolean {
  return (pod.spec.volumes ?? []).some(
    (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined,
  )
}

/** A claim by namespace and name. */
export function findClaim(
  cluster: ClusterView,
  namespace: string,
  name: string,
): PersistentVolumeClaim | undefined {
  return cluster.object('PersistentVolumeClaim', `${namespace}/${name}`) as PersistentVolumeClaim | undefined
}

/** What the API server says of a claim that is not there. */
export function claimNotFound(name: string): string {
  return `persistentvolumeclaim "${name}" not found`
}

/** A persistent volume by name. */
export function findVolume(cluster: ClusterView, name: string): PersistentVolume | undefined {
  return cluster.object('PersistentVolume', name) as PersistentVolume | undefined
}

/** Storage class of a claim or a volume: the old annotation first; empty for none. */
export function storageClassOf(object: {
  readonly metadata?: ObjectMeta
  readonly spec?: { readonly storageClassName?: string }
}): string {
  return classNameOf(object) ?? ''
}

/** Why an ephemeral volume's claim is not the pod's; undefined when the pod controls it. */
export function foreignClaim(
  claim: PersistentVolumeClaim,
  pod: PodIdentity,
  namespace: string,
): string | undefined {
  const owner = (claim.metadata?.ownerReferences ?? []).find(({ controller }) => controller === true)
  if (owner?.uid === pod.uid) return undefined
  const name = claim.metadata?.name ?? ''
  return `PVC ${namespace}/${name} was not created for pod ${pod.key} (pod is not owner)`
}
