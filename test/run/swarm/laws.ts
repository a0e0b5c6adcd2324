import { quantityMilli, quantityValue } from '../../../src/api/quantity.ts'
import type {
  DaemonSet,
  Deployment,
  EndpointSlice,
  Job,
  PodDisruptionBudget,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../../src/api/types.generated.ts'
import { isAbout } from '../../../src/controllers/budget-pods.ts'
import type { ApiServer } from '../../../src/cluster/api-server.ts'
import { ControllerOwner } from '../../../src/cluster/controller-owner.ts'
import { objectKey } from '../../../src/cluster/object-store.ts'
import type { StoredObject } from '../../../src/cluster/object-store.ts'
import { MINUTE } from '../../../src/base/time.ts'
import { OwnedPods } from '../../../src/cluster/owned-pods.ts'
import { NO_TIME } from '../../../src/cluster/pod-table.ts'
import { NO_NODE } from '../../../src/cluster/rows.ts'
import type { PodRow } from '../../../src/cluster/rows.ts'

/** Kinds that own pods, or sets of them. */
const OWNERS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

/** Hears of each binding, and tells of pods that were bound twice. */
export class Bindings {
  readonly problems: string[] = []
  readonly #nodes = new Map<number, number>()

  constructor(api: ApiServer) {
    const { table } = api.pods
    api.pods.observe((_, row) => {
      const node = table.node(row)
      if (node === NO_NODE) return
      const known = this.#nodes.get(table.serial(row))
      if (known !== undefined && known !== node) this.problems.push(`pod ${api.pods.keyOf(row)} moved`)
      this.#nodes.set(table.serial(row), node)
    })
  }
}

/** What is wrong with a cluster in which nothing has happened for an hour; nothing is, if all is well. */
export function lawsBroken(api: ApiServer, owned: OwnedPods): readonly string[] {
  return [
    ...overfullNodes(api),
    ...repeatedNames(api),
    ...lostDependents(api),
    ...staleIndex(api, owned),
    ...unsettledPods(api),
    ...wrongBudgets(api),
    ...wrongEndpoints(api),
    ...(api.pods.table.countPending() > 0 ? [] : unsettledWorkloads(api, owned)),
  ]
}

function stored(api: ApiServer): readonly PodRow[] {
  return [...api.pods.table.stored()]
}

/** A node, and what is left of it: millicores, bytes, pods. */
interface Room {
  readonly name: string
  readonly isCordoned: boolean
  readonly room: readonly number[]
}

function roomOf(api: ApiServer): readonly Room[] {
  const { pods, nodeRows } = api
  return [...api.nodes.list()].map(({ metadata, spec, status }) => {
    const name = metadata?.name ?? ''
    const active = stored(api).filter(
      (row) => pods.table.node(row) === nodeRows.rowOf(name) && pods.isActive(row),
    )
    const { cpu = '', memory = '', pods: most = '' } = status?.allocatable ?? {}
    const used = (resource: 'cpu' | 'memory'): number =>
      active.reduce((sum, row) => sum + pods.infoOf(row).requests[resource], 0)
    return {
      name,
      isCordoned: spec?.unschedulable === true,
      room: [
        quantityMilli(String(cpu)) - used('cpu'),
        quantityValue(String(memory)) - used('memory'),
        Number(most) - active.length,
      ],
    }
  })
}

function overfullNodes(api: ApiServer): readonly string[] {
  return roomOf(api)
    .filter(({ room }) => room.some((left) => left < 0))
    .map(({ name, room }) => `${name} has too little room: ${room.join(', ')}`)
}

function repeatedNames(api: ApiServer): readonly string[] {
  const names = stored(api).map((row) => api.pods.keyOf(row))
  return names.length === new Set(names).size ? [] : ['two pods have one name']
}

/** Objects and pods whose controller is not there. */
function lostDependents(api: ApiServer): readonly string[] {
  const uids = new Set<string>()
  for (const kind of OWNERS) {
    for (const { metadata } of api.collection(kind).list()) uids.add(metadata?.uid ?? '')
  }
  const objects = OWNERS.flatMap((kind) => [...api.collection(kind).list()]).filter(({ metadata }) =>
    metadata?.ownerReferences?.some(({ uid }) => !uids.has(uid)),
  )
  const pods = stored(api).filter((row) => {
    const owner = api.pods.table.owner(row)
    return owner instanceof ControllerOwner && !uids.has(owner.uid)
  })
  const going = OWNERS.flatMap((kind) => [...api.collection(kind).list()]).filter(
    ({ metadata }) => metadata?.deletionTimestamp !== undefined,
  )
  return [
    ...objects.map((object) => `${nameOf(object)} has lost its owner`),
    ...pods.map((row) => `Pod ${api.pods.keyOf(row)} has lost its owner`),
    ...going.map((object) => `${nameOf(object)} is going for ever`),
  ]
}

function nameOf({ kind, metadata }: StoredObject): string {
  return `${kind} ${objectKey(metadata)}`
}

/** What an index that was kept since the beginning says otherwise than one that is made now. */
function staleIndex(api: ApiServer, owned: OwnedPods): readonly string[] {
  const fresh = new OwnedPods(api)
  const sets = OWNERS.flatMap((kind) => [...api.collection(kind).list()])
  const isSame = (one: readonly PodRow[], other: readonly PodRow[]): boolean =>
    one.length === other.length && one.every((row) => other.includes(row))
  const stale = sets.filter(({ metadata }) => {
    const uid = metadata?.uid ?? ''
    return !isSame(owned.of(uid), fresh.of(uid))
  })
  const isAllSame =
    owned.count === fresh.count && isSame(owned.orphansIn('default'), fresh.orphansIn('default'))
  return [
    ...stale.map((object) => `the index of the pods of ${nameOf(object)} is stale`),
    ...(isAllSame ? [] : ['the index of pods is stale']),
  ]
}

function unsettledPods(api: ApiServer): readonly string[] {
  const { pods } = api
  // A node that a drain has given up stays cordoned.
  const rooms = roomOf(api).filter(({ isCordoned }) => !isCordoned)
  return stored(api).flatMap((row) => {
    const deletingAt = pods.table.deletingAt(row)
    // What a schedule has just begun may have just ended.
    const isOverdue = deletingAt !== NO_TIME && deletingAt + 2 * MINUTE < api.sim.now
    if (isOverdue) return [`Pod ${pods.keyOf(row)} is going for ever`]
    // A pod of a DaemonSet fits on its own node or nowhere.
    if (pods.table.node(row) !== NO_NODE || pods.table.ownerKind(row) === 'DaemonSet') return []
    const { cpu, memory } = pods.infoOf(row).requests
    const fits = rooms.some(({ room }) => [cpu, memory, 1].every((wanted, at) => wanted <= (room[at] ?? 0)))
    return fits ? [`Pod ${pods.keyOf(row)} is pending for ever`] : []
  })
}

/** Services whose slices have other pods as ready than those that are. */
function wrongEndpoints(api: ApiServer): readonly string[] {
  const slices = [...api.collection<EndpointSlice>('EndpointSlice').list()]
  return [...api.collection<Service>('Service').list()].flatMap(({ metadata, spec }) => {
    const said = slices
      .filter((slice) => slice.metadata?.labels?.['kubernetes.io/service-name'] === metadata?.name)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true)
      .map(({ targetRef }) => targetRef?.name ?? '')
    const ready = stored(api)
      .filter((row) => api.pods.infoOf(row).template.metadata.labels['app'] === spec?.selector?.['app'])
      .filter((row) => api.pods.table.isReady(row))
      .map((row) => api.pods.nameOf(row))
    const isSame = said.toSorted().join() === ready.toSorted().join()
    return isSame ? [] : [`Service ${metadata?.name}: endpoints ${said.join()}, not ${ready.join()}`]
  })
}

/** Budgets that count other pods as healthy than those that are. */
function wrongBudgets(api: ApiServer): readonly string[] {
  const { pods } = api
  return [...api.collection<PodDisruptionBudget>('PodDisruptionBudget').list()].flatMap((budget) => {
    const healthy = stored(api).filter((row) => {
      const { namespace, labels } = pods.infoOf(row).template.metadata
      return isAbout(budget, namespace, labels) && pods.table.isReady(row)
    })
    const said = budget.status?.currentHealthy
    return said === healthy.length ? [] : [`${nameOf(budget)}: healthy ${said}, not ${healthy.length}`]
  })
}

function unsettledWorkloads(api: ApiServer, owned: OwnedPods): readonly string[] {
  const activeOf = (object: StoredObject): readonly PodRow[] =>
    owned.of(object.metadata?.uid ?? '').filter((row) => !api.pods.isFinished(row))
  const readyOf = (object: StoredObject): number =>
    activeOf(object).filter((row) => api.pods.table.isReady(row)).length
  const problems: string[] = []
  const expect = (object: StoredObject, what: string, found: unknown, wanted: unknown): void => {
    if (found !== wanted) problems.push(`${nameOf(object)}: ${what} ${String(found)}, not ${String(wanted)}`)
  }
  for (const set of api.collection<ReplicaSet>('ReplicaSet').list()) {
    expect(set, 'ready', readyOf(set), set.spec?.replicas)
    expect(set, 'active', activeOf(set).length, set.spec?.replicas)
    expect(set, 'status.availableReplicas', set.status?.availableReplicas ?? 0, set.spec?.replicas)
    expect(set, 'observed', set.status?.observedGeneration, set.metadata?.generation)
  }
  for (const deployment of api.collection<Deployment>('Deployment').list()) {
    const { status, spec, metadata } = deployment
    expect(deployment, 'available', status?.availableReplicas ?? 0, spec?.replicas)
    expect(deployment, 'updated', status?.updatedReplicas ?? 0, spec?.replicas)
    expect(deployment, 'observed', status?.observedGeneration, metadata?.generation)
    const progress = status?.conditions?.find(({ type }) => type === 'Progressing')
    expect(deployment, 'progress', progress?.reason, 'NewReplicaSetAvailable')
  }
  for (const set of api.collection<StatefulSet>('StatefulSet').list()) {
    expect(set, 'ready', readyOf(set), set.spec?.replicas)
    expect(set, 'status.availableReplicas', set.status?.availableReplicas ?? 0, set.spec?.replicas)
    expect(set, 'revision', set.status?.currentRevision, set.status?.updateRevision)
  }
  for (const set of api.collection<DaemonSet>('DaemonSet').list()) {
    expect(set, 'ready', readyOf(set), api.nodes.size)
    expect(set, 'status.numberAvailable', set.status?.numberAvailable, api.nodes.size)
    expect(set, 'updated', set.status?.updatedNumberScheduled, api.nodes.size)
  }
  for (const job of api.collection<Job>('Job').list()) unsettledJob(job, expect, activeOf(job).length)
  return problems
}

function unsettledJob(
  job: Job,
  expect: (object: StoredObject, what: string, found: unknown, wanted: unknown) => void,
  active: number,
): void {
  const end = job.status?.conditions?.find(
    ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
  )
  // What a schedule has just begun may run still.
  const isScheduled = (job.metadata?.ownerReferences ?? []).length > 0
  if (isScheduled && end === undefined) return
  expect(job, 'has ended', end !== undefined, true)
  expect(job, 'active', active, 0)
  expect(job, 'status.active', job.status?.active ?? 0, 0)
  if (end?.type === 'Complete') expect(job, 'succeeded', job.status?.succeeded, job.spec?.completions)
}
