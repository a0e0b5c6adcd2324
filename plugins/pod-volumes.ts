import { BIND_COMPLETED, SELECTED_NODE } from '../src/api/volume-claims.ts'
import type { Labels } from '../src/api/selectors.ts'
import type {
  CSINode,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  Volume,
} from '../src/api/types.generated.ts'
import { unresolvable } from '../src/scheduler/framework/index.ts'
import type { ClusterView, PodIdentity, Rejection } from '../src/scheduler/framework/index.ts'
import { isMigratedOn } from './csi-migration.ts'
import { claimNotFound, claimVolumes, findClaim, findVolume, foreignClaim } from './volume-claims.ts'
import { hasNoAffinity, matchingVolume, reaches, volumeChoice, wantedVolume } from './volume-matching.ts'
import type { VolumeChoice, WantedVolume } from './volume-matching.ts'
import { findProvisions } from './volume-provisioning.ts'
import type { Provision } from './volume-provisioning.ts'

const UNBOUND_IMMEDIATE = unresolvable('pod has unbound immediate PersistentVolumeClaims')

/** A pod's claims by what there is to do for them. */
export interface PodClaims {
  readonly cluster: ClusterView
  readonly bound: readonly PersistentVolumeClaim[]
  /** Whether all of the bound ones can be used on every node. */
  readonly isEverywhere: boolean
  /** Claims that wait for their first consumer: those with a node chosen before, then the others, the smallest first. */
  readonly waiting: readonly WaitingClaim[]
}

/** A claim that waits for its first consumer. */
interface WaitingClaim {
  readonly wanted: WantedVolume
  /** Node that was chosen for its first consumer before: its volume is made there. */
  readonly selectedNode: string | undefined
  readonly choice: VolumeChoice
}

/** What a node's volumes come to for a pod: what to bind and what to make there, or why they will not do. */
export interface PodVolumes {
  readonly bindings: readonly { readonly wanted: WantedVolume; readonly volume: PersistentVolume }[]
  readonly provisions: readonly Provision[]
  readonly problems: VolumeProblems
}

/** Why the volumes of a pod cannot be used on a node. */
export interface VolumeProblems {
  /** A bound volume cannot be used there. */
  readonly nodeConflict: boolean
  /** There is none to bind, and none can be made. */
  readonly noMatch: boolean
  /** Not enough storage is left to make one. */
  readonly noCapacity: boolean
  /** A claim is bound to a volume that does not exist. */
  readonly noVolume: boolean
}

const NO_CHOICE: VolumeChoice = Object.freeze({ prebound: [], free: [] })

/** Nothing speaks against the volumes. */
export const NO_PROBLEMS: VolumeProblems = Object.freeze({
  nodeConflict: false,
  noMatch: false,
  noCapacity: false,
  noVolume: false,
})

const NOTHING_TO_DO: PodVolumes = Object.freeze({ bindings: [], provisions: [], problems: NO_PROBLEMS })

const NODE_CONFLICT: VolumeProblems = Object.freeze({ ...NO_PROBLEMS, nodeConflict: true })
const NO_VOLUME: VolumeProblems = Object.freeze({ ...NO_PROBLEMS, noVolume: true })

/**
 * Sorts the claims of a pod into bound ones and ones that wait; a rejection when one is missing, lost, on its way out, not
 * the pod's own, or has to be bound before.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumebinding `podHasPVCs`, `GetPodVolumeClaims`.
 */
export function readClaims(
  namespace: string,
  volumes: readonly Volume[],
  pod: PodIdentity,
  cluster: ClusterView,
): PodClaims | Rejection {
  const claims: PersistentVolumeClaim[] = []
  for (const { name, isEphemeral } of claimVolumes(volumes, pod)) {
    const claim = findClaim(cluster, namespace, name)
    if (claim === undefined) return unresolvable(isEphemeral ? notMadeYet(name) : claimNotFound(name))
    if (claim.status?.phase === 'Lost') {
      const volume = claim.spec?.volumeName ?? ''
      return unresolvable(
        `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volume}"`,
      )
    }
    if (claim.metadata?.deletionTimestamp !== undefined) {
      return unresolvable(`persistentvolumeclaim "${name}" is being deleted`)
    }
    const foreign = isEphemeral ? foreignClaim(claim, pod, namespace) : undefined
    if (foreign !== undefined) return unresolvable(foreign)
    claims.push(claim)
  }
  const bound = claims.filter(isBound)
  const waiting = claims.filter((claim) => !isBound(claim)).map(wantedVolume)
  const mayWait = waiting.every(
    (wanted) => (wanted.claim.spec?.volumeName ?? '') === '' && waitsForConsumer(wanted, cluster),
  )
  if (!mayWait) return UNBOUND_IMMEDIATE
  const all = waiting.map((wanted) => waitingClaim(wanted, cluster))
  const selected = all.filter(({ selectedNode }) => selectedNode !== undefined)
  const unselected = all.filter(({ selectedNode }) => selectedNode === undefined)
  unselected.sort((one, other) => one.wanted.size - other.wanted.size)
  const isEverywhere = bound.every(({ spec }) => {
    const volume = findVolume(cluster, spec?.volumeName ?? '')
    return volume !== undefined && hasNoAffinity(volume)
  })
  return { cluster, bound, isEverywhere, waiting: [...selected, ...unselected] }
}

function waitingClaim(wanted: WantedVolume, cluster: ClusterView): WaitingClaim {
  const selectedNode = wanted.claim.metadata?.annotations?.[SELECTED_NODE]
  const choice = selectedNode === undefined ? volumeChoice(wanted, cluster) : NO_CHOICE
  return { wanted, selectedNode, choice }
}

function notMadeYet(name: string): string {
  return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
}

/** Whether binding is complete: the claim names its volume and the controller has said so. */
export function isBound({ spec, metadata }: PersistentVolumeClaim): boolean {
  return (spec?.volumeName ?? '') !== '' && metadata?.annotations?.[BIND_COMPLETED] !== undefined
}

function waitsForConsumer({ storageClass }: WantedVolume, cluster: ClusterView): boolean {
  if (storageClass === '') return false
  const found = cluster.object('StorageClass', storageClass) as StorageClass | undefined
  return found?.volumeBindingMode === 'WaitForFirstConsumer'
}

/**
 * What a pod's claims come to on one node.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumebinding `FindPodVolumes`.
 */
export function findPodVolumes(
  { cluster, bound, isEverywhere, waiting }: PodClaims,
  nodeName: string,
  labels: Labels,
): PodVolumes {
  if (isEverywhere && waiting.length === 0) return NOTHING_TO_DO
  const problems = checkBound(bound, cluster, nodeName, labels)
  if (waiting.length === 0) return { bindings: [], provisions: [], problems }
  if (waiting.some(({ selectedNode }) => selectedNode !== undefined && selectedNode !== nodeName)) {
    return { bindings: [], provisions: [], problems: { ...problems, noMatch: true } }
  }
  const toProvision: WantedVolume[] = []
  const bindings: { readonly wanted: WantedVolume; readonly volume: PersistentVolume }[] = []
  const taken = new Set<PersistentVolume>()
  for (const { wanted, choice } of waiting) {
    const volume = matchingVolume(choice, labels, taken)
    if (volume === undefined) toProvision.push(wanted)
    else {
      taken.add(volume)
      bindings.push({ wanted, volume })
    }
  }
  if (toProvision.length === 0) return { bindings, provisions: [], problems }
  const found = findProvisions(toProvision, cluster, labels)
  if (found.outcome === 'possible') return { bindings, provisions: found.provisions, problems }
  const reason = found.outcome === 'impossible' ? { noMatch: true } : { noCapacity: true }
  return { bindings, provisions: [], problems: { ...problems, ...reason } }
}

/** The first bound volume that is missing or out of the node's reach decides. */
function checkBound(
  bound: readonly PersistentVolumeClaim[],
  cluster: ClusterView,
  nodeName: string,
  labels: Labels,
): VolumeProblems {
  if (bound.length === 0) return NO_PROBLEMS
  const csiNode = cluster.object('CSINode', nodeName) as CSINode | undefined
  for (const { spec } of bound) {
    const volume = findVolume(cluster, spec?.volumeName ?? '')
    if (volume === undefined) return NO_VOLUME
    if (!reaches(volume, labels, isMigratedOn(volume, csiNode))) return NODE_CONFLICT
  }
  return NO_PROBLEMS
}
