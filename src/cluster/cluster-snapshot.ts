import type { Node } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from './api-server.ts'
import type { StoredObject } from './object-store.ts'
import type { PodDetails } from './pod-details.ts'
import type { PodDraft } from './pod-draft.ts'
import { NO_TIME } from './pod-table.ts'
import { NO_NODE } from './rows.ts'
import type { NodeRow, PodRow } from './rows.ts'

/** A pod as it was. */
export interface PodRecord {
  /** By which it is known again as long as it is in the store. */
  readonly serial: number
  /** What it is made again from, with its uid; without its node. */
  readonly draft: PodDraft
  readonly node: NodeRow
  readonly devices: number
  readonly phase: number
  /** `status.reason`. */
  readonly reason: string
  readonly isDeleting: boolean
  readonly grace: Micros
}

/** All objects as they were at an instant. */
export interface ClusterSnapshot {
  readonly takenAt: Micros
  /** By kind and key. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, StoredObject>>
  /** In order of creation. */
  readonly pods: readonly PodRecord[]
}

/**
 * Kinds that a snapshot leaves out: leases are renewed all the time, and who held them does not matter afterwards.
 */
export const UNSAVED_KINDS: ReadonlySet<string> = new Set(['Lease', 'Event'])

/** The objects as they are now: what `etcdctl snapshot save` writes. Costs O(objects). */
export function takeSnapshot(api: ApiServer): ClusterSnapshot {
  const objects = new Map<string, ReadonlyMap<string, StoredObject>>()
  for (const kind of api.kinds) {
    if (UNSAVED_KINDS.has(kind)) continue
    const byKey = new Map<string, StoredObject>()
    for (const object of api.collection(kind).list()) byKey.set(keyOf(object), object)
    objects.set(kind, byKey)
  }
  const pods = [...api.pods.table.stored()].map((row) => recordOf(api, row))
  pods.sort((one, other) => one.serial - other.serial)
  return { takenAt: api.sim.now, objects, pods }
}

const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/**
 * What an API server finds whose etcd is empty: what it makes itself, and nodes, which their kubelets register again, without what anybody
 * set on them since.
 */
export function emptySnapshot(api: ApiServer): ClusterSnapshot {
  const objects = new Map<string, ReadonlyMap<string, StoredObject>>()
  for (const kind of api.kinds) {
    if (UNSAVED_KINDS.has(kind)) continue
    const kept = new Map<string, StoredObject>()
    for (const object of api.collection(kind).list()) {
      const name = object.metadata?.name ?? ''
      if (kind === 'Node') kept.set(name, unmarked(object as Node))
      const isSystem =
        (kind === 'Namespace' && SYSTEM_NAMESPACES.includes(name)) ||
        (kind === 'PriorityClass' && name.startsWith('system-'))
      if (isSystem) kept.set(name, object)
    }
    objects.set(kind, kept)
  }
  return { takenAt: 0, objects, pods: [] }
}

function unmarked({ spec, ...node }: Node): Node {
  const { taints: _taints, unschedulable: _unschedulable, ...others } = spec ?? {}
  return { ...node, spec: others }
}

/** Key of a stored object in its kind. */
function keyOf({ metadata }: StoredObject): string {
  const { namespace = '', name = '' } = metadata ?? {}
  return namespace === '' ? name : `${namespace}/${name}`
}

/** What of the details of a pod its kubelet does not say. */
function specified(details: PodDetails): PodDetails {
  const {
    conditions: _conditions,
    containerStatuses: _statuses,
    initContainerStatuses: _initStatuses,
    podIP: _address,
    message: _message,
    ...others
  } = details
  return others
}

function recordOf({ pods }: ApiServer, row: PodRow): PodRecord {
  const { table } = pods
  const taskName = table.taskName(row)
  const owner = table.owner(row)
  const isGiven = pods.rowOfGivenName(pods.keyOf(row)) === row
  const isNamed = isGiven || (taskName === undefined && owner === undefined)
  return {
    serial: table.serial(row),
    node: table.node(row),
    devices: table.node(row) === NO_NODE ? 0 : table.devices(row),
    phase: table.phase(row),
    reason: table.reason(row),
    isDeleting: table.deletingAt(row) !== NO_TIME,
    grace: table.grace(row),
    draft: {
      template: table.template(row),
      cpu: table.cpu(row),
      memory: table.memory(row),
      hasOwnTemplate: pods.keepTemplate(row),
      ...(isNamed ? { name: pods.nameOf(row) } : {}),
      ...(taskName === undefined ? {} : { taskName }),
      ...(taskName !== undefined || owner === undefined ? {} : { owner }),
      ordinal: table.ordinal(row),
      attempt: table.attempt(row),
      duration: table.duration(row),
      usedMemory: table.usedMemory(row),
      details: { ...specified(pods.detailsOf(row)), uid: pods.uidOf(row) },
    },
  }
}
