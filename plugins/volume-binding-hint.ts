import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolumeClaim,
  StorageClass,
} from '../src/api/types.generated.ts'
import type { ClusterChange, PodIdentity } from '../src/scheduler/framework/index.ts'
import { migratedPlugins } from './csi-migration.ts'
import type { VolumeTerm } from './volume-binding.ts'
import { isClaimOf } from './volume-claims.ts'
import { volumeLimit } from './volume-provisioning.ts'

/**
 * Whether a change may let in a pod whose volumes could not be found.
 *
 * Source: Kubernetes v1.37, scheduler plugins/volumebinding `EventsToRegister`.
 */
export function volumeBindingHint(term: VolumeTerm, change: ClusterChange, pod: PodIdentity): boolean {
  if (change.type === 'node-added') return true
  if (change.type === 'node-updated') return haveLabelsChanged(change)
  if (change.type !== 'object-changed' || change.verb === 'DELETED') return false
  const { old, object } = change
  switch (change.kind) {
    case 'PersistentVolume':
      return true
    case 'PersistentVolumeClaim':
      return isClaimOf(term, pod, object as PersistentVolumeClaim)
    case 'StorageClass':
      return haveTopologiesChanged(old as StorageClass | undefined, object as StorageClass)
    case 'CSINode':
      return old === undefined || migratedPlugins(old as CSINode) !== migratedPlugins(object as CSINode)
    case 'CSIDriver':
      return old !== undefined && stopsCounting(term, old as CSIDriver, object as CSIDriver)
    case 'CSIStorageCapacity':
      return hasGrown(old as CSIStorageCapacity | undefined, object as CSIStorageCapacity)
    default:
      return false
  }
}

/** Whether the labels of a node were changed. */
export function haveLabelsChanged({ old, node }: Extract<ClusterChange, { type: 'node-updated' }>): boolean {
  const before = old.metadata?.labels ?? {}
  const now = node.metadata?.labels ?? {}
  const keys = Object.keys(now)
  return keys.length !== Object.keys(before).length || keys.some((key) => before[key] !== now[key])
}

function haveTopologiesChanged(old: StorageClass | undefined, now: StorageClass): boolean {
  if (old === undefined) return true
  return JSON.stringify(old.allowedTopologies ?? []) !== JSON.stringify(now.allowedTopologies ?? [])
}

/** Whether capacity is no longer looked at for a driver of the pod's own volumes. */
function stopsCounting(term: VolumeTerm, old: CSIDriver, now: CSIDriver): boolean {
  const isUsed = term.volumes.some(({ csi }) => csi !== undefined && csi.driver === now.metadata?.name)
  return isUsed && old.spec?.storageCapacity === true && now.spec?.storageCapacity !== true
}

function hasGrown(old: CSIStorageCapacity | undefined, now: CSIStorageCapacity): boolean {
  if (old === undefined) return true
  const before = volumeLimit(old)
  const limit = volumeLimit(now)
  return limit !== undefined && (before === undefined || limit > before)
}
