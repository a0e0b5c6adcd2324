import type {
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  ResourceQuota,
  StatefulSet,
} from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { OwnedPods } from '../../cluster/owned-pods.ts'
import type { ReplayedParts } from '../../run/run.ts'
import type { Tell } from './violation.ts'

/** What the laws of workloads look at. */
interface Ground {
  readonly api: ApiServer
  readonly owned: OwnedPods
  /** Namespaces in which pods may be refused. */
  readonly bounded: ReadonlySet<string>
  /** Tells of a number that is another one. */
  readonly expect: (object: StoredObject, what: string, found: unknown, wanted: unknown) => void
}

/**
 * Every workload has the pods that it wants, and says so: a pod that was lost was replaced. Left out are those in
 * namespaces with quotas, and those with a pod that finds no node: whether it does is a law of its own.
 */
export function checkWorkloads({ api, owned }: ReplayedParts, tell: Tell): void {
  if (owned === undefined) return
  const quotas = api.collection<ResourceQuota>('ResourceQuota').list()
  const ground: Ground = {
    api,
    owned,
    bounded: new Set([...quotas].map(({ metadata }) => metadata?.namespace ?? '')),
    expect: (object, what, found, wanted) => {
      if (found === wanted) return
      const name = `${object.kind} ${objectKey(object.metadata)}`
      tell('workloads-are-whole', `${name}: ${what} ${String(found)}, not ${String(wanted)}`)
    },
  }
  const waiting = new Set<string>()
  for (const set of api.collection<ReplicaSet>('ReplicaSet').list()) {
    const isWaiting = waits(ground, set)
    if (isWaiting) for (const { uid } of set.metadata?.ownerReferences ?? []) waiting.add(uid)
    else checkReplicaSet(ground, set)
  }
  for (const deployment of api.collection<Deployment>('Deployment').list()) {
    const uid = deployment.metadata?.uid ?? ''
    if (!waiting.has(uid) && !waits(ground, deployment)) checkDeployment(ground, deployment)
  }
  for (const set of api.collection<StatefulSet>('StatefulSet').list()) {
    if (!waits(ground, set)) checkStatefulSet(ground, set)
  }
  for (const set of api.collection<DaemonSet>('DaemonSet').list()) {
    if (!waits(ground, set)) checkDaemonSet(ground, set)
  }
  for (const job of api.collection<Job>('Job').list()) if (!waits(ground, job)) checkJob(ground, job)
}

/** Whether something keeps a workload from being whole that is no fault of its controller. */
function waits({ api, owned, bounded }: Ground, { metadata }: StoredObject): boolean {
  if (bounded.has(metadata?.namespace ?? '')) return true
  const rows = owned.of(metadata?.uid ?? '')
  return rows.some((row) => api.pods.table.node(row) === NO_NODE && !api.pods.isFinished(row))
}

function activeOf({ api, owned }: Ground, { metadata }: StoredObject): readonly PodRow[] {
  return owned.of(metadata?.uid ?? '').filter((row) => !api.pods.isFinished(row))
}

function readyOf(ground: Ground, object: StoredObject): number {
  return activeOf(ground, object).filter((row) => ground.api.pods.table.isReady(row)).length
}

function checkReplicaSet(ground: Ground, set: ReplicaSet): void {
  const { expect } = ground
  expect(set, 'active', activeOf(ground, set).length, set.spec?.replicas)
  expect(set, 'ready', readyOf(ground, set), set.spec?.replicas)
  expect(set, 'status.availableReplicas', set.status?.availableReplicas ?? 0, set.spec?.replicas)
  expect(set, 'status.observedGeneration', set.status?.observedGeneration, set.metadata?.generation)
}

function checkDeployment({ expect }: Ground, deployment: Deployment): void {
  const { status, spec, metadata } = deployment
  if (spec?.paused === true) return
  expect(deployment, 'available', status?.availableReplicas ?? 0, spec?.replicas)
  expect(deployment, 'updated', status?.updatedReplicas ?? 0, spec?.replicas)
  expect(deployment, 'status.observedGeneration', status?.observedGeneration, metadata?.generation)
  const progress = status?.conditions?.find(({ type }) => type === 'Progressing')
  expect(deployment, 'progress', progress?.reason, 'NewReplicaSetAvailable')
}

function checkStatefulSet(ground: Ground, set: StatefulSet): void {
  const { expect } = ground
  expect(set, 'ready', readyOf(ground, set), set.spec?.replicas)
  expect(set, 'status.availableReplicas', set.status?.availableReplicas ?? 0, set.spec?.replicas)
  expect(set, 'status.currentRevision', set.status?.currentRevision, set.status?.updateRevision)
}

function checkDaemonSet(ground: Ground, set: DaemonSet): void {
  const { expect } = ground
  const { desiredNumberScheduled = 0, numberAvailable = 0, updatedNumberScheduled = 0 } = set.status ?? {}
  const { nodeSelector, affinity } = set.spec?.template?.spec ?? {}
  const isEverywhere = nodeSelector === undefined && affinity === undefined
  const areTainted = [...ground.api.nodes.list()].some(({ spec }) => (spec?.taints ?? []).length > 0)
  if (isEverywhere && !areTainted) {
    expect(set, 'status.desiredNumberScheduled', desiredNumberScheduled, ground.api.nodes.size)
  }
  expect(set, 'ready', readyOf(ground, set), desiredNumberScheduled)
  expect(set, 'status.numberAvailable', numberAvailable, desiredNumberScheduled)
  expect(set, 'status.updatedNumberScheduled', updatedNumberScheduled, desiredNumberScheduled)
}

function checkJob(ground: Ground, job: Job): void {
  const { expect } = ground
  const end = job.status?.conditions?.find(
    ({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True',
  )
  // What a schedule has just begun may run still.
  const isScheduled = (job.metadata?.ownerReferences ?? []).length > 0
  if (isScheduled && end === undefined) return
  const active = activeOf(ground, job).length
  expect(job, 'has ended', end !== undefined, true)
  expect(job, 'active', active, 0)
  expect(job, 'status.active', job.status?.active ?? 0, 0)
  if (end?.type === 'Complete') expect(job, 'status.succeeded', job.status?.succeeded, job.spec?.completions)
}
