import type { EndpointSlice, PodDisruptionBudget, Service } from '../../api/types.generated.ts'
import { MINUTE } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { ControllerOwner } from '../../cluster/controller-owner.ts'
import { objectKey } from '../../cluster/object-store.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { NO_TIME } from '../../cluster/pod-table.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { isAbout } from '../../controllers/budget-pods.ts'
import { expectedScale } from '../../controllers/controller-scales.ts'
import { disruptionsAllowed, wantedHealth } from '../../controllers/disruption-budget.ts'
import { explainAsItStands } from '../../run/explain/explain-pod.ts'
import type { ReplayedParts } from '../../run/run.ts'
import { checkWorkloads } from './settled-workloads.ts'
import type { Strain } from './strain.ts'
import type { Tell } from './violation.ts'

/** Kinds that own pods, or sets of them. */
const OWNERS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

/** Taints of nodes that are not ready (kube-controller-manager v1.37, nodelifecycle). */
const LOST_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** A pod that has waited for so long is not about to be tried. */
const TRIED_WITHIN = 10 * MINUTE
/** A pod whose deletion was asked for is gone so long after its grace period. */
const GONE_WITHIN = 2 * MINUTE
/** Pods that wait and are looked at: a search over all nodes for each. */
const LOOKED_AT_MAX = 5

/** What must hold of a cluster in which nothing was broken or done for an hour: all is whole again, but for pods that nodes cannot hold. */
export function checkSettled(run: ReplayedParts, strain: Strain, tell: Tell): void {
  const { api } = run
  checkOwners(api, tell)
  checkGoing(api, tell)
  checkNodes(run, tell)
  checkPending(run, tell)
  checkBudgets(api, tell)
  checkEndpoints(api, tell)
  if (!strain.isRecent) checkWorkloads(run, tell)
}

/** Kind and key of an object, for a message. */
export function nameOf({ kind, metadata }: StoredObject): string {
  return `${kind} ${objectKey(metadata)}`
}

/** Objects and pods whose controller is not there, and objects that nobody finishes deleting. */
function checkOwners(api: ApiServer, tell: Tell): void {
  const owners = OWNERS.flatMap((kind) => [...api.collection(kind).list()])
  const uids = new Set(owners.map(({ metadata }) => metadata?.uid ?? ''))
  for (const object of owners) {
    if (object.metadata?.ownerReferences?.some(({ uid }) => !uids.has(uid)) === true) {
      tell('owners-are-there', `${nameOf(object)} has lost its owner`)
    }
    if (object.metadata?.deletionTimestamp !== undefined)
      tell('deletions-end', `${nameOf(object)} is going for ever`)
  }
  for (const row of api.pods.table.stored()) {
    // What a schedule has begun a minute ago may be about to go with its job.
    if (api.pods.table.createdAt(row) + TRIED_WITHIN > api.sim.now) continue
    const owner = api.pods.table.owner(row)
    if (owner instanceof ControllerOwner && !uids.has(owner.uid) && OWNERS.includes(owner.kind)) {
      tell('owners-are-there', `pod ${api.pods.keyOf(row)} has lost its owner`)
    }
  }
}

function checkGoing(api: ApiServer, tell: Tell): void {
  const { table } = api.pods
  for (const row of table.stored()) {
    const deletingAt = table.deletingAt(row)
    if (deletingAt === NO_TIME || deletingAt + table.grace(row) + GONE_WITHIN >= api.sim.now) continue
    tell('deletions-end', `pod ${api.pods.keyOf(row)} is going for ever`)
  }
}

/** Nodes whose machines have no fault, and that are not said to be ready, or are kept from pods as if they were not. */
function checkNodes({ api, machines }: ReplayedParts, tell: Tell): void {
  for (const { metadata, spec, status } of api.nodes.list()) {
    const name = metadata?.name ?? ''
    if (!machines.reports(api.nodeRows.everRowOf(name))) continue
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    if (ready !== undefined && ready.status !== 'True')
      tell('nodes-are-ready', `${name} is Ready ${ready.status}`)
    const taints = (spec?.taints ?? []).filter(({ key }) => LOST_TAINTS.includes(key))
    for (const { key, effect } of taints)
      tell('nodes-are-ready', `${name} still has the taint ${key}:${effect}`)
  }
}

/** Pods without a node that have one to go to, found by the definition of a scheduling cycle. */
function checkPending({ api, scheduler }: ReplayedParts, tell: Tell): void {
  const { pods, sim } = api
  const waiting = [...pods.table.stored()].filter(
    (row) =>
      pods.table.node(row) === NO_NODE &&
      pods.table.deletingAt(row) === NO_TIME &&
      !pods.isFinished(row) &&
      pods.table.createdAt(row) + TRIED_WITHIN < sim.now,
  )
  for (const row of waiting.slice(0, LOOKED_AT_MAX)) {
    const pod = pods.keyOf(row)
    const found = explainAsItStands({ pod, now: sim.now, decisions: [], notes: [] }, scheduler, row)
    // A pod of a group waits for the others.
    if (scheduler.queue.get(row)?.podGroup !== undefined) continue
    if (found.outcome === 'fits') tell('pods-find-nodes', `pod ${pod} is pending, and fits on ${found.node}`)
    const nominated = found.preemption?.nominatedNode ?? ''
    if (nominated === '') continue
    tell('pods-find-nodes', `pod ${pod} is pending, and could have preempted pods on ${nominated}`)
  }
}

/** Budgets that count otherwise than their pods are. */
function checkBudgets(api: ApiServer, tell: Tell): void {
  const { pods } = api
  for (const budget of api.collection<PodDisruptionBudget>('PodDisruptionBudget').list()) {
    const selected = [...pods.table.stored()].filter((row) => {
      const { namespace, labels } = pods.infoOf(row).template.metadata
      return isAbout(budget, namespace, labels)
    })
    const healthy = selected.filter(
      (row) => pods.table.isReady(row) && pods.table.deletingAt(row) === NO_TIME,
    )
    const { status, spec = {} } = budget
    if (status?.currentHealthy !== healthy.length) {
      tell('budget-counts', `${nameOf(budget)}: healthy ${status?.currentHealthy}, not ${healthy.length}`)
    }
    const scale = expectedScale(api, selected)
    if (scale === undefined) continue
    const allowedAt = (count: number): number =>
      disruptionsAllowed(
        healthy.length,
        wantedHealth(spec, selected.length, () => count),
      )
    const { disruptionsAllowed: said, expectedPods = scale } = status ?? {}
    // The controller hears of pods, not of scales: it may not have looked since the scale changed.
    if (said === allowedAt(scale) || said === allowedAt(expectedPods)) continue
    tell('budget-counts', `${nameOf(budget)}: ${said} disruptions allowed, not ${allowedAt(scale)}`)
  }
}

/** Services whose slices have other pods as ready than those that are. */
function checkEndpoints(api: ApiServer, tell: Tell): void {
  const { pods } = api
  const slices = [...api.collection<EndpointSlice>('EndpointSlice').list()]
  for (const { metadata, spec } of api.collection<Service>('Service').list()) {
    const said = slices
      .filter((slice) => slice.metadata?.labels?.['kubernetes.io/service-name'] === metadata?.name)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true)
      .map(({ targetRef }) => targetRef?.name ?? '')
    const isSelected = (row: PodRow): boolean => {
      const { namespace, labels } = pods.infoOf(row).template.metadata
      const wanted = Object.entries(spec?.selector ?? {})
      return namespace === metadata?.namespace && wanted.every(([key, value]) => labels[key] === value)
    }
    const ready = [...pods.table.stored()]
      .filter((row) => isSelected(row) && pods.table.isReady(row) && pods.table.deletingAt(row) === NO_TIME)
      .map((row) => pods.nameOf(row))
    const [left, right] = [said, ready].map((names) => names.toSorted().join())
    if (left !== right) tell('endpoints', `Service ${metadata?.name}: endpoints ${left}, not ${right}`)
  }
}
