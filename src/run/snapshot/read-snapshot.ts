import { controllerOf } from '../../api/owner-references.ts'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

import { requireQuantity } from '../../api/quantity.ts'
import type { Container, Node, Pod } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import { unreadable } from '../../base/unreadable.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { CLUSTER_KINDS } from '../../scheduler/conformance/load-cluster.ts'
import { WATCHED_KINDS } from '../../scheduler/watched-kinds.ts'
import { parseNodeShape, readManifests, readNodeList } from '../../workload/node-list.ts'
import { generatedName } from './generated-name.ts'
import { WORKLOAD_KINDS, expandWorkload } from './workload-pods.ts'

/** Kinds besides those that the scheduler watches which say something about pods. */
const OTHER_KINDS = ['PriorityClass']

const STORED_KINDS: ReadonlySet<string> = new Set([...WATCHED_KINDS, ...OTHER_KINDS])

const CONFIGURATION = 'KubeSchedulerConfiguration'

/** Kinds that are not stored as they are. */
const OWN_KINDS: readonly string[] = ['Pod', 'Node', CONFIGURATION]

/** Endings of the files that are taken from a directory. */
const MANIFEST_FILE = /\.(ya?ml|json)(\.gz)?$/

/** A pod with the file that it came from. */
export interface SnapshotPod {
  readonly file: string
  readonly pod: Pod
}

/** Pods that were made from a workload, as its controller would. */
export interface WorkloadExpansion {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly pods: number
}

/** A cluster as files tell it. */
export interface Snapshot {
  readonly nodes: readonly Node[]
  /** In the order of the files. */
  readonly pods: readonly SnapshotPod[]
  /** Everything else that scheduling looks at. */
  readonly objects: readonly StoredObject[]
  readonly expansions: readonly WorkloadExpansion[]
  /** Number of objects by kind that scheduling does not look at. */
  readonly leftOut: ReadonlyMap<string, number>
  /** A scheduler configuration among the objects. */
  readonly configuration: object | undefined
}

/** Where a snapshot is read from. */
export interface SnapshotFiles {
  /** Files or directories: what is in the cluster. Workloads with a uid have their pods there already. */
  readonly snapshot: readonly string[]
  /** Files or directories of what is to be added: every workload gives its pods. */
  readonly pending: readonly string[]
  /** `COUNTxCPU:MEMORY…`, or node lists. */
  readonly nodes: readonly string[]
}

/** Reads a snapshot. Throws `InputError` for files that are none, objects that come twice, and no nodes. */
export function readSnapshot(files: SnapshotFiles): Snapshot {
  const taken = [
    ...files.snapshot.flatMap(filesOf).map((file) => ({ file, isPending: false })),
    ...files.pending.flatMap(filesOf).map((file) => ({ file, isPending: true })),
  ]
  const found = taken.flatMap(({ file, isPending }) =>
    readManifests(file).map((raw) => ({ file, isPending, object: named(placed(withoutNulls(raw)), file) })),
  )
  const extra = files.nodes.flatMap(nodesOf)
  const unique = withoutTwins([...extra, ...found])
  const nodes = unique.flatMap(({ object }): Node[] => (object.kind === 'Node' ? [object as Node] : []))
  if (nodes.length === 0) {
    throw new InputError({
      message: 'there are no nodes in the snapshot',
      hint: 'add the output of kubectl get nodes -o yaml, or --nodes COUNTxCPU:MEMORY',
    })
  }
  return sortOut(unique, nodes)
}

interface FoundObject {
  readonly file: string
  /** Whether it is to be added to the cluster. */
  readonly isPending: boolean
  readonly object: StoredObject
}

function sortOut(found: readonly FoundObject[], nodes: readonly Node[]): Snapshot {
  const pods: SnapshotPod[] = []
  const objects: StoredObject[] = []
  const expansions: WorkloadExpansion[] = []
  const leftOut = new Map<string, number>()
  const known = new Set(found.map(({ object }) => keyOf(object)))
  let configuration: object | undefined
  for (const { file, isPending, object } of found) {
    const kind = object.kind ?? ''
    if (kind === 'Pod') pods.push({ file, pod: object as Pod })
    else if (kind === CONFIGURATION) configuration = object
    const isStored = STORED_KINDS.has(kind) && kind !== 'Node'
    if (isStored) objects.push(object)
    const isExpanded = WORKLOAD_KINDS.has(kind) && (isPending || object.metadata?.uid === undefined)
    const expanded = isExpanded && !isOwned(object) ? expandWorkload(object, nodes) : undefined
    if (expanded !== undefined) {
      const { namespace = 'default', name = '' } = object.metadata ?? {}
      expansions.push({ kind, namespace, name, pods: expanded.pods.length })
      for (const pod of expanded.pods) if (!known.has(keyOf(pod))) pods.push({ file, pod })
      objects.push(...expanded.objects.map(placed).filter((made) => !known.has(keyOf(made))))
    }
    if (!isUsed(kind)) leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1)
  }
  for (const { file, pod } of pods) checkPod(file, pod)
  return { nodes, pods, objects, expansions, leftOut, configuration }
}

/** Whether another workload makes it: a ReplicaSet of a Deployment, a Job of a CronJob. */
function isOwned(object: StoredObject): boolean {
  return controllerOf(object) !== undefined
}

/** Whether anything looks at objects of the kind. */
function isUsed(kind: string): boolean {
  return STORED_KINDS.has(kind) || WORKLOAD_KINDS.has(kind) || OWN_KINDS.includes(kind)
}

function keyOf({ kind, metadata }: StoredObject): string {
  return `${kind ?? ''} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
}

/** Takes equal objects that come twice as one; refuses different ones under one name. */
function withoutTwins(found: readonly FoundObject[]): FoundObject[] {
  const byKey = new Map<string, FoundObject>()
  for (const one of found) {
    const key = keyOf(one.object)
    if (!isUsed(one.object.kind ?? '')) {
      byKey.set(`${key} ${byKey.size}`, one)
      continue
    }
    const before = byKey.get(key)
    if (before === undefined) byKey.set(key, one)
    else if (JSON.stringify(before.object) !== JSON.stringify(one.object)) {
      const where = before.file === one.file ? '' : ` (also in ${before.file})`
      throw new InputError({
        file: one.file,
        field: `${one.object.kind ?? ''} ${objectKey(one.object.metadata)}`,
        message: `is there twice, with different contents${where}`,
      })
    }
  }
  return [...byKey.values()]
}

function filesOf(place: string): string[] {
  if (!existsSync(place)) {
    throw unreadable(place)
  }
  if (!statSync(place).isDirectory()) return [place]
  const names = readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => MANIFEST_FILE.test(name))
    .sort()
  if (names.length === 0) {
    throw new InputError({ file: place, message: 'there is no .yaml or .json file in it' })
  }
  return names.map((name) => path.join(place, name))
}

function nodesOf(text: string): FoundObject[] {
  const isShape = /^\d+x/.test(text) && !existsSync(text)
  const isList = /\.csv(\.gz)?$/.test(text)
  const nodes = isShape
    ? parseNodeShape(text).map(withPlatform)
    : readNodeList(text, isList ? 'openb' : 'kubernetes')
  return nodes.map((object) => ({ file: text, isPending: false, object }))
}

/** The labels that every kubelet gives its node, so that manifests that select them find it. */
function withPlatform(node: Node): Node {
  const platform = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }
  return { ...node, metadata: { ...node.metadata, labels: { ...platform, ...node.metadata?.labels } } }
}

/** Puts objects without a namespace into `default`, where their kind has namespaces. */
function placed(object: StoredObject): StoredObject {
  const kind = object.kind ?? ''
  if (kind === CONFIGURATION) return object
  const { namespace } = object.metadata ?? {}
  const hasNone = CLUSTER_KINDS.has(kind) || kind === 'Node' || (namespace ?? '') !== ''
  return hasNone ? object : { ...object, metadata: { ...object.metadata, namespace: 'default' } }
}

/** Gives objects with `generateName` a name; refuses those without any that something would look at. */
function named(object: StoredObject, file: string): StoredObject {
  const kind = object.kind ?? ''
  const { name = '', generateName = '' } = object.metadata ?? {}
  if (typeof name !== 'string') {
    throw new InputError({
      file,
      field: `${kind}: metadata.name`,
      message: `is ${String(name)}, which is no text`,
      hint: 'put it in quotes',
    })
  }
  if (name !== '' || !isUsed(kind) || kind === CONFIGURATION) return object
  if (generateName === '')
    throw new InputError({ file, field: `${kind}: metadata.name`, message: 'is missing' })
  return { ...object, metadata: { ...object.metadata, name: generatedName(kind, generateName, 0) } }
}

/** An API server takes a field that is null as one that is not there. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls) as T
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined)
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutNulls(field as unknown)])) as T
}

/** Refuses what no API server would have taken, before anything computes with it. */
function checkPod(file: string, { metadata, spec }: Pod): void {
  const field = `Pod ${metadata?.namespace ?? 'default'}/${metadata?.name ?? ''}`
  const containers: unknown = spec?.containers
  if (!Array.isArray(containers) || containers.length === 0) {
    throw new InputError({ file, field: `${field}: spec.containers`, message: 'is missing' })
  }
  const all: readonly Container[] = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  for (const { name, resources } of all) {
    for (const part of ['requests', 'limits'] as const) {
      for (const [resource, amount] of Object.entries(resources?.[part] ?? {})) {
        requireAmount(amount, { file, field: `${field}: container ${name}: ${part}.${resource}` })
      }
    }
  }
}

function requireAmount(amount: string | number, place: { file: string; field: string }): void {
  try {
    requireQuantity(amount, place.field)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.problems.map((problem) => ({ ...problem, file: place.file })))
  }
}
