import { controllerOf } from '../api/owner-references.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import type { PodOwner } from '../cluster/pod-table.ts'

/** The workload that the owner of pods belongs to: the Deployment of a ReplicaSet, the CronJob of a Job, else the owner itself. */
export function workloadOf(api: ApiServer, owner: PodOwner): Pick<PodOwner, 'kind' | 'name'> {
  if (!(owner instanceof ControllerOwner)) return owner
  return controllerOf(api.collection(owner.kind).get(owner.key)) ?? owner
}
