import { isNamespaced } from '../api/kinds.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { PodRow } from '../cluster/rows.ts'
import { NAMESPACE_DELETED } from '../cluster/pod-reason.ts'

/** How long finalizers are expected to take (namespace/deletion `finalizerEstimateSeconds`). */
const FINALIZERS_TAKE: Micros = 15 * SECOND

/** What is left of a kind in a namespace after its objects were deleted. */
export interface Remains {
  /** Plural and group, as `deployments.apps`. */
  readonly resource: string
  readonly count: number
  /** Objects by the finalizers that hold them. */
  readonly byFinalizer: ReadonlyMap<string, number>
  /** How long they are expected to take; 0 when nothing explains that they are there. */
  readonly estimate: Micros
}

/**
 * Deletes the pods of a namespace, gracefully; what is left of them. `age` is the time since the namespace was deleted, in whole seconds.
 * O(pods in the store). Source: Kubernetes v1.37, namespace/deletion `deleteAllContentForGroupVersionResource`.
 */
export function deletePods(api: ApiServer, namespace: string, age: Micros): Remains {
  const { pods } = api
  const isIn = (row: PodRow): boolean => pods.infoOf(row).template.metadata.namespace === namespace
  const rows = [...pods.table.stored()].filter(isIn)
  let grace = 0
  for (const row of rows) {
    if (!pods.isFinished(row)) grace = Math.max(grace, pods.infoOf(row).terminationGrace)
    pods.requestDeletion(row, { reason: NAMESPACE_DELETED })
  }
  const left = rows.filter((row) => !pods.isRemoved(row))
  const finalizers = left.map((row) => pods.detailsOf(row).finalizers ?? [])
  return remainsOf('pods.', finalizers, age < grace ? grace : 0)
}

/** Deletes the objects of one kind in a namespace; what is left of them. */
export function deleteObjects(api: ApiServer, kind: string, namespace: string): Remains {
  const store = api.collection(kind)
  const keys: string[] = []
  let apiVersion = ''
  for (const object of store.list()) {
    if (object.metadata?.namespace !== namespace) continue
    keys.push(objectKey(object.metadata))
    apiVersion = object.apiVersion ?? ''
  }
  for (const key of keys) store.delete(key)
  const left = keys.flatMap((key) => store.get(key) ?? [])
  const finalizers = left.map(({ metadata }) => metadata?.finalizers ?? [])
  return remainsOf(resourceOf(kind, apiVersion), finalizers, 0)
}

/** Kinds that may have objects in namespaces, pods apart, in order of name. */
export function namespacedKinds(api: ApiServer): readonly string[] {
  return api.kinds.filter((kind) => kind !== 'Pod' && isNamespaced(kind)).sort()
}

function remainsOf(resource: string, left: readonly (readonly string[])[], grace: Micros): Remains {
  const byFinalizer = new Map<string, number>()
  for (const finalizer of left.flat()) byFinalizer.set(finalizer, (byFinalizer.get(finalizer) ?? 0) + 1)
  const ofFinalizers = byFinalizer.size > 0 ? FINALIZERS_TAKE : 0
  const estimate = grace > 0 ? grace : ofFinalizers
  return { resource, count: left.length, byFinalizer, estimate: left.length === 0 ? 0 : estimate }
}

function resourceOf(kind: string, apiVersion: string): string {
  const name = kind.toLowerCase()
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
  if (name.endsWith('y')) return `${name.slice(0, -1)}ies.${group}`
  if (name.endsWith('endpoints')) return `${name}.${group}`
  return `${name}${/(?:s|x|ch|sh)$/.test(name) ? 'es' : 's'}.${group}`
}
