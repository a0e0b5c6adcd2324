import { controllerOf } from '../api/owner-references.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'

/** A workload, as far as it says how many pods it wants. */
interface Replicated extends StoredObject {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly desiredNumberScheduled?: number }
}

const SCALED = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'])

/** How many pods a workload asks for, as it is written; undefined for what is none, or belongs to another. */
export function desiredReplicas({ kind, object }: WrittenObject): number | undefined {
  const workload = object as Replicated | undefined
  if (controllerOf(workload) !== undefined) return undefined
  if (kind === 'DaemonSet') return workload?.status?.desiredNumberScheduled ?? 0
  if (!SCALED.has(kind)) return undefined
  return workload === undefined ? 0 : (workload.spec?.replicas ?? 1)
}
