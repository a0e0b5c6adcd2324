import type { StatefulSet } from '../api/types.generated.ts'
import type { Calls } from '../cluster/client.ts'
import { createPod } from '../cluster/create-pod.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { PodRow } from '../cluster/rows.ts'
import { identityLabels } from './stateful-pod.ts'
import type { StatefulPod } from './stateful-pod.ts'
import type { StatefulSetWrites } from './stateful-set-sync.ts'
import type { WorkloadParts } from './workload-parts.ts'

/** Writes of a StatefulSet's reconciliation, as its client makes them. */
export function statefulSetWrites(
  set: StatefulSet,
  { api, owned, calls }: WorkloadParts & { readonly calls: Calls },
): StatefulSetWrites {
  const { pods } = api
  const sets = api.collection<StatefulSet>('StatefulSet')
  const isThere = (): boolean => sets.get(objectKey(set.metadata))?.metadata?.uid === set.metadata?.uid
  /** Makes a write about a stored pod, if it is still there then. */
  const doWith = (pod: StatefulPod, write: (row: PodRow) => void): boolean => {
    const row = pod.stored?.row
    if (row === undefined) return true
    const serial = pods.table.serial(row)
    const outcome = calls.do(() => {
      if (pods.isCurrent(row, serial) && !pods.isRemoved(row)) write(row)
      return true
    })
    return outcome !== 'failed'
  }
  return {
    createPod: ({ name, ordinal }, template) => {
      const finalizers = template.metadata?.finalizers
      const outcome = calls.do(() => {
        if (!isThere()) return true
        const owner = owned.ownerFor(set)
        const details = finalizers === undefined ? {} : { details: { finalizers } }
        return createPod(api, { owner, template, name, ordinal, ...details }).ok
      })
      return outcome !== 'failed'
    },
    deletePod: (pod, reason) =>
      doWith(pod, (row) => {
        pods.requestDeletion(row, { reason })
      }),
    identifyPod: (pod) =>
      doWith(pod, (row) => {
        const { template } = pods.infoOf(row)
        const labels = { ...template.metadata.labels, ...identityLabels(pod.name, pod.ordinal) }
        const identified = { ...template, metadata: { ...template.metadata, labels } }
        const interned = pods.templates.intern(identified)
        if (interned.ok) pods.updateTemplate(row, interned.id)
      }),
    updateStatus: (status) => {
      calls.do(() => {
        const present = sets.get(objectKey(set.metadata))
        if (present === undefined || present.metadata?.uid !== set.metadata?.uid) return true
        return sets.update({ ...present, status }).ok
      })
    },
  }
}
