import { InputError } from '../base/errors.ts'
import type { Pod } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { readManifests } from '../workload/node-list.ts'

/** Kinds on which something acts in a run; others are stored and nothing happens to them. */
const ACTIVE_KINDS = new Set(['Pod', 'Node', 'PriorityClass', 'Namespace', 'PodDisruptionBudget', 'PodGroup'])

/** Creates the objects of manifests; returns what of them has no meaning here. Throws `InputError` for refused ones. */
export function loadObjects(api: ApiServer, files: readonly string[]): readonly string[] {
  const idle = new Map<string, number>()
  for (const file of files) {
    for (const object of readManifests(file)) {
      const kind = object.kind ?? ''
      if (!ACTIVE_KINDS.has(kind)) idle.set(kind, (idle.get(kind) ?? 0) + 1)
      if (kind === 'Pod') createPod(api, file, object as Pod)
      else createObject(api, file, object)
    }
  }
  return [...idle].map(
    ([kind, count]) => `${count} objects of kind ${kind} are stored, and nothing acts on them yet`,
  )
}

function createPod(api: ApiServer, file: string, pod: Pod): void {
  const name = pod.metadata?.name
  if (name === undefined) throw new InputError({ file, field: 'metadata.name', message: 'a pod has no name' })
  const interned = api.pods.templates.internPod(pod)
  if (!interned.ok) throw new InputError({ file, field: name, message: interned.message })
  const nodeName = pod.spec?.nodeName ?? ''
  const node = nodeName === '' ? undefined : api.nodeRows.rowOf(nodeName)
  if (nodeName !== '' && node === undefined) {
    throw new InputError({ file, field: `${name}: spec.nodeName`, message: `there is no node ${nodeName}` })
  }
  api.pods.create({ template: interned.id, name, ...(node === undefined ? {} : { node }) })
}

function createObject(api: ApiServer, file: string, object: StoredObject): void {
  const written = api.collection(object.kind ?? '').create(object)
  if (!written.ok)
    throw new InputError({ file, field: object.metadata?.name ?? '', message: written.message })
}
