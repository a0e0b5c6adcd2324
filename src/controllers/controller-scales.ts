import { controllerAmong, controllerOf } from '../api/owner-references.ts'
import type { OwnerReference } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { ControllerOwner } from '../cluster/controller-owner.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { ownerReferencesOf } from '../cluster/pod-object.ts'
import type { PodRow } from '../cluster/rows.ts'

interface Scaled extends StoredObject {
  readonly spec?: { readonly replicas?: number }
}

/** Kinds whose replicas count as those that a budget's pods have. */
const SCALES = new Set(['ReplicationController', 'ReplicaSet', 'StatefulSet', 'Deployment'])

/**
 * How many pods the controllers of some pods want together, each controller once: a ReplicaSet of a Deployment counts with the
 * Deployment's replicas. Pods without a controller add nothing. Undefined when a pod's controller has no scale.
 *
 * Source: kube-controller-manager v1.37, disruption `getExpectedScale` and its finders.
 */
export function expectedScale(api: ApiServer, pods: readonly PodRow[]): number | undefined {
  const scales = new Map<string, number>()
  const seen = new Set<ControllerOwner>()
  for (const row of pods) {
    const owner = api.pods.table.owner(row)
    if (owner instanceof ControllerOwner) {
      if (seen.has(owner)) continue
      seen.add(owner)
    }
    const controller = controllerAmong(ownerReferencesOf(api, row))
    if (controller === undefined) continue
    const found = scaleOf(api, api.pods.infoOf(row).template.metadata.namespace, controller)
    if (found === undefined) return undefined
    scales.set(found.uid, found.replicas)
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0)
}

function scaleOf(
  api: ApiServer,
  namespace: string,
  { kind, name, uid }: OwnerReference,
): { readonly uid: string; readonly replicas: number } | undefined {
  if (!SCALES.has(kind)) return undefined
  const object = api.collection<Scaled>(kind).get(`${namespace}/${name}`)
  if (object === undefined || object.metadata?.uid !== uid) return undefined
  const parent = controllerOf(object)
  if (kind === 'ReplicaSet' && parent?.kind === 'Deployment') return scaleOf(api, namespace, parent)
  return { uid, replicas: object.spec?.replicas ?? 1 }
}
