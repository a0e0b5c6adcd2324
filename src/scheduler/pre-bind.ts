import { objectKey } from '../cluster/object-store.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { ReservedObject } from './framework/plugin.ts'
import type { PostFilterResult } from './framework/post-filter.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** PreBind: writes what the reserve plugins set aside; later cycles see it from the moment it is assumed. */
export function preBind(cluster: SchedulerCluster, objects: readonly ReservedObject[]): void {
  cluster.assumed.assume(objects)
  for (const object of objects) {
    const store = cluster.api.collection<StoredObject>(object.kind)
    if (store.get(objectKey(object.metadata)) === undefined) store.create(object)
    else store.update(object)
  }
  cluster.assumed.forget(objects)
}

/** Writes and deletes what PostFilter plugins asked for. */
export function writeAfterPostFilter(cluster: SchedulerCluster, result: PostFilterResult): void {
  for (const object of result.updated ?? []) {
    cluster.api.collection<StoredObject>(object.kind).update(object)
  }
  for (const { kind, metadata } of result.deleted ?? []) {
    cluster.api.collection<StoredObject>(kind).delete(objectKey(metadata))
  }
}
