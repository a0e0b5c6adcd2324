import { defaultObject } from '../../api/defaults/index.ts'
import { storeKind } from '../../api/kinds.ts'
import { InputError } from '../../base/errors.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { createManifest, inNamespace, isPresent } from '../load-objects.ts'
import { refuseInvalid, refuseUndecodable } from '../refuse-invalid.ts'
import { immutableProblems, withGivenFields } from './immutable-fields.ts'

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
      if (!isPresent(api, object)) return createManifest(api, file, object, gates)
      return object.kind === 'Pod' ? [] : replace(api, file, object)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return [error.message]
    }
  })
}

function replace(api: ApiServer, file: string, object: Manifest): readonly string[] {
  const undecoded = refuseUndecodable(file, object)
  const store = api.collection<Replicated>(storeKind(object))
  const old = store.get(objectKey(object.metadata))
  if (old === undefined) return undecoded
  const wanted = object as Replicated
  const { resourceVersion: _, ...metadata } = { ...old.metadata, ...object.metadata }
  const replicas = wanted.spec?.replicas ?? old.spec?.replicas
  const spec =
    wanted.spec === undefined || replicas === undefined ? wanted.spec : { ...wanted.spec, replicas }
  const given = spec === undefined ? {} : { spec: withGivenFields(object.kind ?? '', old, spec) }
  const replacement = { ...old, ...wanted, metadata, ...given }
  const idle = [...undecoded, ...refuseInvalid(file, replacement)]
  const defaulted = defaultObject(replacement)
  const immutable = immutableProblems(object.kind ?? '', old, defaulted)
  if (immutable.length > 0) return [...idle, ...immutable.map((problem) => `${file}: ${problem}`)]
  const written = store.update(defaulted)
  return written.ok ? idle : [...idle, written.message]
}
