import { compileLabelSelector, compileNodeSelector } from '../src/api/selectors.ts'
import type { Labels, LabelPredicate, NodePredicate } from '../src/api/selectors.ts'
import { quantityValue } from '../src/api/quantity.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../src/api/types.generated.ts'
import type { ClusterView } from '../src/scheduler/framework/index.ts'
import { nodeAffinityTerms } from './csi-migration.ts'
import { storageClassOf } from './volume-claims.ts'

const FILESYSTEM = 'Filesystem'
const AVAILABLE = 'Available'

/** A claim that waits for a volume, with what of it is asked of every volume. */
export interface WantedVolume {
  readonly claim: PersistentVolumeClaim
  /** `resources.requests.storage` in bytes; 0 when it asks for none. */
  readonly size: number
  readonly storageClass: string
  readonly selector: LabelPredicate | undefined
}

/** Reads what a claim asks of a volume. */
export function wantedVolume(claim: PersistentVolumeClaim): WantedVolume {
  const selector = claim.spec?.selector
  return {
    claim,
    size: quantityValue(claim.spec?.resources?.requests?.['storage'] ?? '0'),
    storageClass: storageClassOf(claim),
    selector: selector === undefined ? undefined : compileLabelSelector(selector),
  }
}

const sizes = new WeakMap<PersistentVolume, number>()

/** Size of a volume in bytes. */
export function volumeSize(volume: PersistentVolume): number {
  const known = sizes.get(volume)
  if (known !== undefined) return known
  const size = quantityValue(volume.spec?.capacity?.['storage'] ?? '0')
  sizes.set(volume, size)
  return size
}

/** Volumes by storage class, in order of creation, and the state of the cluster that this is of. */
interface VolumesByClass {
  readonly revision: number
  readonly byClass: ReadonlyMap<string, readonly PersistentVolume[]>
}

const listed = new WeakMap<ClusterView, VolumesByClass>()

/** The volumes of a storage class, in order of creation, those assumed to be taken as they will be. */
function volumesOfClass(cluster: ClusterView, storageClass: string): readonly PersistentVolume[] {
  const revision = cluster.revisionOf('PersistentVolume')
  const known = listed.get(cluster)
  if (known?.revision === revision) return known.byClass.get(storageClass) ?? []
  const byClass = new Map<string, PersistentVolume[]>()
  for (const volume of cluster.objects('PersistentVolume') as Iterable<PersistentVolume>) {
    const name = storageClassOf(volume)
    const volumes = byClass.get(name)
    if (volumes === undefined) byClass.set(name, [volume])
    else volumes.push(volume)
  }
  listed.set(cluster, { revision, byClass })
  return byClass.get(storageClass) ?? []
}

/** Predicates of volumes: as they are written, and as their CSI drivers see them. */
const affinities = new WeakMap<PersistentVolume, Map<boolean, NodePredicate>>()

/**
 * Whether the volume's node affinity lets it be used where nodes have these labels; without affinity it can be anywhere.
 *
 * Source: Kubernetes v1.37, component-helpers/storage/volume `CheckNodeAffinity`, which knows no node names.
 */
export function reaches(volume: PersistentVolume, labels: Labels, isMigrated: boolean): boolean {
  let predicates = affinities.get(volume)
  if (predicates === undefined) {
    predicates = new Map()
    affinities.set(volume, predicates)
  }
  let predicate = predicates.get(isMigrated)
  if (predicate === undefined) {
    const terms = nodeAffinityTerms(volume, isMigrated)
    predicate = terms === undefined ? () => true : compileNodeSelector({ nodeSelectorTerms: terms })
    predicates.set(isMigrated, predicate)
  }
  return predicate(labels, '')
}

const withoutAffinity = new WeakMap<PersistentVolume, boolean>()

/** Whether `reaches` is true of the volume whatever the node. */
export function hasNoAffinity(volume: PersistentVolume): boolean {
  let isFree = withoutAffinity.get(volume)
  if (isFree === undefined) {
    isFree = nodeAffinityTerms(volume, false) === undefined && nodeAffinityTerms(volume, true) === undefined
    withoutAffinity.set(volume, isFree)
  }
  return isFree
}

/** The volumes that a claim could be bound to, if a node is within their reach. */
export interface VolumeChoice {
  /** Bound to the claim beforehand, in order of creation: the first of them decides. */
  readonly prebound: readonly PersistentVolume[]
  /** Free ones that are large enough, the smallest first, in order of creation among equals. */
  readonly free: readonly PersistentVolume[]
}

/**
 * Sorts the volumes of a claim's storage class out. O(volumes of the class), once a claim and cycle.
 *
 * Source: Kubernetes v1.37, component-helpers/storage/volume `FindMatchingVolume`, all of it that no node matters to.
 */
export function volumeChoice(wanted: WantedVolume, cluster: ClusterView): VolumeChoice {
  const { claim, size } = wanted
  const prebound: PersistentVolume[] = []
  const free: { readonly volume: PersistentVolume; readonly size: number }[] = []
  for (const volume of volumesOfClass(cluster, wanted.storageClass)) {
    const isPrebound = isBoundTo(volume, claim)
    if (volume.spec?.claimRef !== undefined && !isPrebound) continue
    const capacity = volumeSize(volume)
    if (capacity < size || !hasForm(volume, claim)) continue
    if (isPrebound) prebound.push(volume)
    else if (isFree(volume, wanted)) free.push({ volume, size: capacity })
  }
  free.sort((one, other) => one.size - other.size)
  return { prebound, free: free.map(({ volume }) => volume) }
}

/** The volume to bind a claim to where nodes have these labels; undefined when there is none. */
export function matchingVolume(
  { prebound, free }: VolumeChoice,
  labels: Labels,
  taken: ReadonlySet<PersistentVolume>,
): PersistentVolume | undefined {
  const given = prebound.find((volume) => !taken.has(volume))
  if (given !== undefined) return reaches(given, labels, false) ? given : undefined
  return free.find((volume) => !taken.has(volume) && reaches(volume, labels, false))
}

/** Whether a volume was bound to this very claim, by a user or the scheduler. */
export function isBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec ?? {}
  const { name, namespace, uid } = claim.metadata ?? {}
  if (claimRef === undefined || claimRef.name !== name || claimRef.namespace !== namespace) return false
  return claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === uid
}

/** Whether volume and claim agree in mode and attributes class, and the volume is not on its way out. */
function hasForm({ spec, metadata }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    (spec?.volumeMode ?? FILESYSTEM) === (claim.spec?.volumeMode ?? FILESYSTEM) &&
    (spec?.volumeAttributesClassName ?? '') === (claim.spec?.volumeAttributesClassName ?? '') &&
    metadata?.deletionTimestamp === undefined
  )
}

function isFree(volume: PersistentVolume, { claim, storageClass, selector }: WantedVolume): boolean {
  if (volume.status?.phase !== AVAILABLE) return false
  if (selector !== undefined && !selector(volume.metadata?.labels ?? {})) return false
  if (storageClassOf(volume) !== storageClass) return false
  const modes = volume.spec?.accessModes ?? []
  return (claim.spec?.accessModes ?? []).every((mode) => modes.includes(mode))
}
