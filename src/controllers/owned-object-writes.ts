import type { ObjectMeta, OwnerReference } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { ObjectName } from '../cluster/dependents.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { OWNER_DELETED } from '../cluster/pod-reason.ts'

/** `metadata.finalizers` by which an object says what is to become of its dependents before it goes. */
export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

/** What the garbage collector looks at of an object; undefined when it is not there. */
export function metadataOf(api: ApiServer, { kind, key }: ObjectName): ObjectMeta | undefined {
  if (kind !== 'Pod') return api.collection(kind).get(key)?.metadata
  const { pods, calendar } = api
  const row = pods.rowOfGivenName(key)
  if (row === undefined) return undefined
  const { finalizers = [] } = pods.detailsOf(row)
  const deletingAt = pods.table.deletingAt(row)
  const going = deletingAt === NO_TIME ? {} : { deletionTimestamp: calendar.format(deletingAt) }
  return { uid: pods.uidOf(row), finalizers, ...going }
}

/** Gives an object these references to its owners; true when it is not there any more. */
export function setOwnerReferences(
  api: ApiServer,
  { kind, key }: ObjectName,
  references: readonly OwnerReference[],
): boolean {
  if (kind === 'Pod') {
    const row = api.pods.rowOfGivenName(key)
    if (row === undefined) return true
    const ownerReferences = references.filter(({ controller }) => controller !== true)
    api.pods.updateDetails(row, { ownerReferences })
    const isControlled = ownerReferences.length < references.length
    if (!isControlled && api.pods.table.owner(row) !== undefined) api.pods.setOwner(row, undefined)
    return true
  }
  const store = api.collection(kind)
  const object = store.get(key)
  if (object === undefined) return true
  const { ownerReferences: _, ...metadata } = object.metadata ?? {}
  const kept = references.length === 0 ? metadata : { ...metadata, ownerReferences: references }
  return store.update({ ...object, metadata: kept }).ok
}

/** Deletes an object; what is to become of its own dependents its finalizers may say. */
export function deleteObject(api: ApiServer, { kind, key }: ObjectName, isForeground: boolean): boolean {
  if (kind === 'Pod') {
    const row = api.pods.rowOfGivenName(key)
    if (row !== undefined) {
      api.pods.requestDeletion(row, { reason: OWNER_DELETED })
    }
    return true
  }
  const store = api.collection(kind)
  const leavesDependents = (store.get(key)?.metadata?.finalizers ?? []).includes(ORPHAN)
  const otherwise = isForeground ? 'Foreground' : 'Background'
  store.delete(key, { propagationPolicy: leavesDependents ? 'Orphan' : otherwise })
  return true
}

/** Takes a finalizer from an object, which goes if it was the last; true when it is not there any more. */
export function takeFinalizer(api: ApiServer, { kind, key }: ObjectName, finalizer: string): boolean {
  // Pods never get these finalizers.
  if (kind === 'Pod') return true
  const store = api.collection(kind)
  const object = store.get(key)
  if (object === undefined) return true
  const finalizers = (object.metadata?.finalizers ?? []).filter((one) => one !== finalizer)
  return store.update({ ...object, metadata: { ...object.metadata, finalizers } }).ok
}
