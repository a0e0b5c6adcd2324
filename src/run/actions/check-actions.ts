import { InputError } from '../../base/errors.ts'
import type { InputProblem } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'
import { formatDuration } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import type { ActionSource, ActionTarget } from '../../scenario/action.ts'
import { readManifests } from '../../workload/node-list.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { inNamespace } from '../load-objects.ts'
import { refuseInvalid, refuseUndecodable } from '../refuse-invalid.ts'
import { keyOf, nameOf } from './change-workload.ts'
import { noNodes } from './node-actions.ts'

/**
 * Manifests of all `apply` actions by file. Throws `InputError` with all that cannot be read or decoded, and what would be
 * refused of objects that are not there at the start.
 */
export function manifestsToApply(
  api: ApiServer,
  actions: readonly ActionSource[],
): ReadonlyMap<string, readonly Manifest[]> {
  const files = new Set(actions.flatMap((action) => (action.verb === 'apply' ? [action.file] : [])))
  const manifests = new Map<string, readonly Manifest[]>()
  const problems: InputProblem[] = []
  for (const file of files) {
    const objects = readManifests(file)
    manifests.set(file, objects)
    for (const object of objects) problems.push(...refused(() => check(api, file, object)))
  }
  if (problems.length > 0) throw new InputError(problems)
  return manifests
}

function check(api: ApiServer, file: string, object: Manifest): void {
  refuseUndecodable(file, object)
  const placed = inNamespace(object)
  if (!isPresent(api, placed)) refuseInvalid(file, placed)
}

function refused(attempt: () => void): readonly InputProblem[] {
  try {
    attempt()
    return []
  } catch (error) {
    if (error instanceof InputError) return error.problems
    throw error
  }
}

/** Whether an object with the kind and name of a manifest is stored. */
export function isPresent(api: ApiServer, object: Manifest): boolean {
  const key = objectKey(object.metadata)
  if (object.kind === 'Pod') return api.pods.rowOfGivenName(key) !== undefined
  return api.collection(object.kind ?? '').get(key) !== undefined
}

/**
 * Actions that are about something that is not there at the start, and that no action applies: a line for each. Controllers
 * may make it meanwhile, so these are no errors.
 */
export function idleActions(
  api: ApiServer,
  actions: readonly ActionSource[],
  manifests: ReadonlyMap<string, readonly Manifest[]>,
): readonly string[] {
  const applied = [...manifests.values()].flat().map(inNamespace)
  return actions.flatMap((action) => {
    const lines =
      'target' in action
        ? unknownTarget(api, action.target, applied)
        : 'nodes' in action
          ? noNodes(api, action.nodes)
          : []
    return lines.map((line) => `${action.verb} at ${formatDuration(action.at)}: ${line}`)
  })
}

function unknownTarget(
  api: ApiServer,
  target: ActionTarget,
  applied: readonly Manifest[],
): readonly string[] {
  const { kind, namespace, name } = target
  if (kind === 'Pod' && isPresent(api, { kind, metadata: { namespace, name } })) return []
  const stored = [...api.collection(kind).list()]
  const known = [...stored, ...applied.filter((object) => object.kind === kind)].map(keyIn)
  if (known.includes(keyOf(target)) || known.includes(name)) return []
  const near = nearestWord(keyOf(target), known)
  return [`there is no ${nameOf(target)} at the start${near === undefined ? '' : ` (did you mean ${near}?)`}`]
}

function keyIn({ metadata }: Manifest | StoredObject): string {
  return objectKey(metadata)
}
