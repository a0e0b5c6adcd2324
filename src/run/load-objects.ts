import { InputError } from '../base/errors.ts'
import { defaultObject } from '../api/defaults/index.ts'
import { servedVersion } from '../api/field-types.ts'
import { isNamespaced, storeKind } from '../api/kinds.ts'
import { requireQuantity } from '../api/quantity.ts'
import type { Pod, PodGroup, Service } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { admitPodGroup } from '../cluster/admission-stages/priority.ts'
import { incompleteField, withoutDisabledFields } from '../cluster/disabled-fields.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import { detailsOfPod } from '../cluster/pod-details.ts'
import { withAddresses } from '../cluster/service-addresses.ts'
import { CONTROLLED_KINDS } from './build-controllers.ts'
import { manifestsOf, readManifests } from '../workload/node-list.ts'
import type { Manifest } from '../workload/node-list.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { refuseInvalid, refuseUndecodable } from './refuse-invalid.ts'

/** Kinds on which something acts in a run; others are stored and nothing happens to them. */
const ACTIVE_KINDS = new Set([
  'Pod',
  'Node',
  'PriorityClass',
  'Namespace',
  'PodDisruptionBudget',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
  'DeviceClass',
  'DeviceTaintRule',
  'ResourceClaim',
  'ResourceClaimTemplate',
  'ResourceSlice',
  'PodGroup',
  'ElasticQuota',
  'RuntimeClass',
  'LimitRange',
  'ResourceQuota',
])
/** Kinds that are only data, which nothing has to act on. */
const PASSIVE_KINDS = new Set(['ConfigMap', 'Secret', 'ServiceAccount', 'Lease', 'ControllerRevision'])
/** Kind that is there only with its feature gate. */
const TAINT_RULE = 'DeviceTaintRule'

/**
 * Creates the objects of manifests, without the fields that feature gates keep out and with the API server's defaults; returns
 * what of them has no meaning here. `created` hears of the kind of each object. Throws `InputError` for refused
 * ones.
 */
export function loadObjects(
  api: ApiServer,
  sources: Scenario['objects'],
  gates: ReadonlyMap<string, boolean>,
  created: (kind: string) => void = () => undefined,
): readonly string[] {
  const idle = new Map<string, number>()
  const noted = new Set<string>()
  const repeated = new Set<string>()
  let rules = 0
  for (const [index, source] of sources.entries()) {
    const isFile = typeof source === 'string'
    const file = isFile ? source : `spec.objects[${index}]`
    const objects = isFile ? readManifests(file) : manifestsOf(source, file, 'object')
    if (objects.length === 0) noted.add(`${file}: there are no objects in it`)
    for (const object of objects) {
      const kind = object.kind ?? ''
      const version = servedVersion(object)
      if (version !== undefined) {
        noted.add(`${file}: ${object.apiVersion ?? ''} of ${kind} is not served: read as ${version}`)
      }
      if (![ACTIVE_KINDS, PASSIVE_KINDS, CONTROLLED_KINDS].some((kinds) => kinds.has(kind)))
        idle.set(kind, (idle.get(kind) ?? 0) + 1)
      if (kind === TAINT_RULE && gates.get('DRADeviceTaintRules') === false) rules += 1
      else {
        if (kind !== 'Pod' && isPresent(api, inNamespace(object))) {
          repeated.add(`${kind} ${object.metadata?.name ?? ''}`)
        }
        for (const warning of createManifest(api, file, object, gates)) noted.add(warning)
        created(kind)
      }
    }
  }
  const warnings = [...noted]
  if (repeated.size > 0) {
    warnings.push(
      `objects that are given more than once, of which the last counts: ${[...repeated].join(', ')}`,
    )
  }
  if (idle.size > 0) {
    const counts = [...idle].map(([kind, count]) => `${count} ${kind}`).join(', ')
    warnings.push(`objects that are stored, and on which nothing acts yet: ${counts}`)
  }
  if (rules === 0) return warnings
  const leftOut = `${rules} objects of kind ${TAINT_RULE} are left out: the feature gate DRADeviceTaintRules is off`
  return [...warnings, leftOut]
}

/** Whether an object with the kind and name of a manifest is stored. */
export function isPresent(api: ApiServer, object: Manifest): boolean {
  const key = objectKey(object.metadata)
  if (object.kind === 'Pod') return api.pods.rowOfGivenName(key) !== undefined
  return api.collection(storeKind(object)).get(key) !== undefined
}

/**
 * Creates the object of a manifest, in its namespace, or puts it in place of one of that name; returns what of it is wrong and means nothing. Throws `InputError` when
 * it is refused.
 */
export function createManifest(
  api: ApiServer,
  file: string,
  object: Manifest,
  gates: ReadonlyMap<string, boolean>,
): readonly string[] {
  return inFile(file, () => {
    const idle = refuseUndecodable(file, object)
    if (object.kind !== 'Pod') return [...idle, ...createObject(api, file, object, gates)]
    createPod(api, file, object as Pod)
    return idle
  })
}

/** What `attempt` returns; errors that it throws name the file. */
function inFile<T>(file: string, attempt: () => T): T {
  try {
    return attempt()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.problems.map((problem) => ({ file, ...problem })))
  }
}

/** The object in the namespace that it lies in: `default` where its kind has one and the manifest names none. */
export function inNamespace<T extends Manifest>(object: T): T {
  if (!isNamespaced(object.kind ?? '') || (object.metadata?.namespace ?? '') !== '') return object
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } }
}

function createPod(api: ApiServer, file: string, pod: Pod): void {
  const name = pod.metadata?.name
  if (name === undefined) throw new InputError({ file, field: 'metadata.name', message: 'a pod has no name' })
  refuseNegativeAmounts(file, name, pod)
  refuseInvalid(file, inNamespace(pod))
  const interned = api.pods.templates.internPod(pod)
  if (!interned.ok) throw new InputError({ file, field: name, message: interned.message })
  const nodeName = pod.spec?.nodeName ?? ''
  const node = nodeName === '' ? undefined : api.nodeRows.rowOf(nodeName)
  if (nodeName !== '' && node === undefined) {
    throw new InputError({ file, field: `${name}: spec.nodeName`, message: `there is no node ${nodeName}` })
  }
  const details = detailsOfPod(pod)
  const draft = { template: interned.id, name, details, ...(node === undefined ? {} : { node }) }
  const refusal = api.admitPod(draft)
  if (refusal !== undefined) throw new InputError({ file, field: name, message: refusal.message })
  api.pods.create(draft)
}

/** Amounts below 0 are invalid (Kubernetes v1.37, apis/core/validation `ValidateNonnegativeQuantity`). */
function refuseNegativeAmounts(file: string, name: string, pod: Pod): void {
  const lists = { containers: pod.spec?.containers, initContainers: pod.spec?.initContainers }
  for (const [list, containers = []] of Object.entries(lists)) {
    containers.forEach(({ resources }, index) => {
      const { requests = {}, limits = {} } = resources ?? {}
      for (const [kind, amounts] of Object.entries({ requests, limits })) {
        for (const [resource, amount] of Object.entries(amounts)) {
          const field = `${name}: spec.${list}[${index}].resources.${kind}.${resource}`
          if (requireQuantity(amount, field).nano >= 0n) continue
          throw new InputError({ file, field, message: `"${String(amount)}" is below 0` })
        }
      }
    })
  }
}

function createObject(
  api: ApiServer,
  file: string,
  object: StoredObject,
  gates: ReadonlyMap<string, boolean>,
): readonly string[] {
  const kind = object.kind ?? ''
  const placed = inNamespace(object)
  const enabled = withoutDisabledFields(kind, placed, gates)
  const missing = enabled === placed ? undefined : incompleteField(enabled)
  if (missing !== undefined) {
    const hint = 'a field that a feature gate guards was taken out: it is off'
    throw new InputError({ file, field: object.metadata?.name ?? '', message: missing, hint })
  }
  const idle = refuseInvalid(file, enabled)
  const stored = asStored(api, file, enabled)
  const store = api.collection(storeKind(stored))
  const written = isPresent(api, stored) ? store.update(stored) : store.create(stored)
  if (!written.ok)
    throw new InputError({ file, field: object.metadata?.name ?? '', message: written.message })
  return idle
}

/** The object as the API server stores it: defaulted, admitted, with the addresses that it gives. */
function asStored(api: ApiServer, file: string, object: StoredObject): StoredObject {
  if (storeKind(object) === 'PodGroup') return admitted(api, file, object as PodGroup)
  const stored = defaultObject(object)
  if (object.kind !== 'Service') return stored
  const addressed = withAddresses(api, stored as Service)
  if (addressed.ok) return addressed.service
  throw new InputError({ file, field: object.metadata?.name ?? '', message: addressed.message })
}

/** The PodGroup as the API server stores it. */
function admitted(api: ApiServer, file: string, group: PodGroup): PodGroup {
  const result = admitPodGroup(group, api)
  if ('group' in result) return result.group
  throw new InputError({ file, field: group.metadata?.name ?? '', message: result.refusal })
}
