import { classNameOf } from '../api/volume-claims.ts'
import type { PersistentVolumeClaim, StorageClass } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class'

/**
 * Gives a claim without a class and a volume the default class, the newest of several; does nothing without one.
 *
 * Source: kube-apiserver v1.37, plugin/admission/storage/storageclass/setdefault; the persistent volume controller does the same for
 * claims that were there before the class.
 */
export function giveDefaultClass(api: ApiServer, claim: PersistentVolumeClaim): void {
  if (classNameOf(claim) !== undefined || (claim.spec?.volumeName ?? '') !== '') return
  const [newest] = [...api.collection<StorageClass>('StorageClass').list()]
    .filter(({ metadata }) => metadata?.annotations?.[IS_DEFAULT] === 'true')
    .sort(byAge)
  const storageClassName = newest?.metadata?.name
  if (storageClassName === undefined) return
  const { resourceVersion: _, ...metadata } = claim.metadata ?? {}
  api
    .collection<PersistentVolumeClaim>('PersistentVolumeClaim')
    .update({ ...claim, metadata, spec: { ...claim.spec, storageClassName } })
}

/** The newest first, then by name. */
function byAge(one: StorageClass, other: StorageClass): number {
  const [oneTime = '', otherTime = ''] = [one, other].map(({ metadata }) => metadata?.creationTimestamp)
  if (oneTime !== otherTime) return oneTime < otherTime ? 1 : -1
  return (one.metadata?.name ?? '') < (other.metadata?.name ?? '') ? -1 : 1
}
