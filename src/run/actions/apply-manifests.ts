import { defaultObject } from '../../api/defaults/index.ts'
import { InputError } from '../../base/errors.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { createManifest, inNamespace } from '../load-objects.ts'

/** An object whose replicas somebody else may have set. */
interface Replicated extends StoredObject {
  readonly spec?: { readonly replicas?: number }
}

/**
 * Creates the objects of manifests, or replaces the spec and the metadata that they give; returns what was refused. A pod that is
 * there stays as it is: what applications change of pods is in their templates.
 *
 * Departs from Kubernetes: `spec` is replaced as a whole but for `replicas`, not merged field by field.
 */
export function applyManifests(
  api: ApiServer,
  file: string,
  objects: readonly Manifest[],
  gates: ReadonlyMap<string, boolean>,
): readonly string[] {
  return objects.flatMap((manifest) => {
    const object = inNamespace(manifest)
    try {
      if (!isPresent(api, object)) createManifest(api, file, object, gates)
      else if (object.kind !== 'Pod') replace(api, object)
      return []
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return [error.message]
    }
  })
}

function isPresent(api: ApiServer, object: Manifest): boolean {
  const key = objectKey(object.metadata)
  if (object.kind === 'Pod') return api.pods.rowOfGivenName(key) !== undefined
  return api.collection(object.kind ?? '').get(key) !== undefined
}

function replace(api: ApiServer, object: Manifest): void {
  const store = api.collection<Replicated>(object.kind ?? '')
  const old = store.get(objectKey(object.metadata))
  if (old === undefined) return
  const wanted = object as Replicated
  const { resourceVersion: _, ...metadata } = { ...old.metadata, ...object.metadata }
  const spec = wanted.spec === undefined ? {} : { spec: { ...givenOf(old), ...wanted.spec } }
  store.update(defaultObject({ ...old, ...wanted, metadata, ...spec }))
}

/** Fields of a spec that the server or another client gives, by kind; a manifest that does not say them leaves them. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  Service: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'],
}

function givenOf({ kind = '', spec = {} }: Replicated): object {
  const given = GIVEN[kind] ?? ['replicas']
  return Object.fromEntries(Object.entries(spec).filter(([field]) => given.includes(field)))
}
