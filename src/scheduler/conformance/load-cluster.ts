import { defaultCreatedPod } from '../../api/defaults/pod-level.ts'
import { storeKind } from '../../api/kinds.ts'
import type { Node, Pod } from '../../api/types.generated.ts'
import { MILLISECOND } from '../../base/time.ts'
import { assert } from '../../base/assert.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { deepFreeze } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { detailsOfPod } from '../../cluster/pod-details.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { Simulation } from '../../engine/simulation.ts'
import { SchedulerCluster } from '../scheduler-cluster.ts'
import { PREEMPTED } from '../../cluster/pod-reason.ts'

/** A cluster made of plain objects, as the scheduler's cache would hold it. */
export interface LoadedCluster {
  readonly api: ApiServer
  readonly cluster: SchedulerCluster
}

/** Loads the objects of a case: nodes, bound pods, nominated pods, and everything else as stored objects. */
export function loadCluster(objects: readonly StoredObject[]): LoadedCluster {
  const api = new ApiServer(new Simulation({ seed: 'conformance' }), [])
  const cluster = new SchedulerCluster(api)
  for (const object of objects) {
    if (object.kind === 'Node') loadNode(api, cluster, object)
    else if (object.kind !== 'Pod') storeObject(api, object)
  }
  for (const object of objects) {
    if (object.kind === 'Pod') loadPod(api, cluster, object as Pod)
  }
  return { api, cluster }
}

/** Adds a pod without a node, nominated where its status says so; returns its row. */
export function loadPendingPod(loaded: LoadedCluster, pod: Pod): PodRow {
  const { api, cluster } = loaded
  const row = createRow(api, pod)
  const nominated = pod.status?.nominatedNodeName
  const node = nominated === undefined ? undefined : api.nodeRows.rowOf(nominated)
  if (node !== undefined) {
    cluster.nominations.add(row, node)
    api.pods.nominate(row, node)
  }
  return row
}

/** `namespace/name` of a pod object. */
export function podKey(pod: Pod): string {
  return `${pod.metadata?.namespace ?? 'default'}/${pod.metadata?.name ?? ''}`
}

/** Microseconds since 1970 of a Kubernetes time; undefined for none. */
export function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text) * MILLISECOND
}

function loadNode(api: ApiServer, cluster: SchedulerCluster, object: StoredObject): void {
  const written = api.nodes.create(object as Node)
  assert(written.ok, 'a case names a node twice')
  cluster.nodes.setNode(api.nodeRows.everRowOf(object.metadata?.name ?? ''), written.object)
}

/** Kinds in the cases that belong to no namespace. */
export const CLUSTER_KINDS: ReadonlySet<string> = new Set([
  'Namespace',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'VolumeAttachment',
  'ResourceSlice',
  'DeviceClass',
  'PriorityClass',
])

function storeObject(api: ApiServer, object: StoredObject): void {
  const kind = object.kind ?? ''
  const isPlaced = CLUSTER_KINDS.has(kind) || (object.metadata?.namespace ?? '') !== ''
  const placed = isPlaced ? object : { ...object, metadata: { ...object.metadata, namespace: 'default' } }
  api.collection(storeKind(object)).create(placed)
}

function loadPod(api: ApiServer, cluster: SchedulerCluster, pod: Pod): void {
  const phase = pod.status?.phase
  if (pod.spec?.nodeName === undefined || pod.spec.nodeName === '') {
    loadPendingPod({ api, cluster }, pod)
    return
  }
  if (phase === 'Succeeded' || phase === 'Failed') return
  const node = api.nodeRows.rowOf(pod.spec.nodeName)
  if (node === undefined) return
  const row = createRow(api, pod)
  api.pods.table.setNode(row, node, 0)
  markPlaced(api, row, pod)
  cluster.nodes.addPod(row, node, 0)
}

/** Writes what a pod on a node says of its start and its end. */
export function markPlaced(api: ApiServer, row: PodRow, pod: Pod): void {
  const { table } = api.pods
  const startedAt = timeOf(pod.status?.startTime)
  if (startedAt !== undefined) table.setBoundAt(row, startedAt)
  const deletingAt = timeOf(pod.metadata?.deletionTimestamp)
  if (deletingAt !== undefined) table.setDeletion(row, deletingAt, 0)
  const isPreempted = (pod.status?.conditions ?? []).some(
    (condition) => condition.type === 'DisruptionTarget' && condition.reason === 'PreemptionByScheduler',
  )
  if (isPreempted) table.setReason(row, PREEMPTED)
}

/** Creates a pod as its object says it, with no other admission than defaulting; on a node where one is given. */
export function createRow(api: ApiServer, pod: Pod, node?: NodeRow): PodRow {
  const interned = api.pods.templates.internPod(deepFreeze(defaultCreatedPod(pod)))
  assert(interned.ok, 'a template was refused by an empty admission chain')
  const details = detailsOfPod(pod)
  const name = pod.metadata?.name ?? ''
  return api.pods.create({ template: interned.id, name, details, ...(node === undefined ? {} : { node }) })
}
