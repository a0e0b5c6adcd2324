import { qosClassOf } from '../api/qos.ts'
import type { OwnerReference, Pod, PodCondition } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import { SECOND } from '../base/time.ts'
import type { ApiServer } from './api-server.ts'
import { ControllerOwner } from './controller-owner.ts'
import { podAddress } from './pod-address.ts'
import { NO_TIME, PHASE_NAMES } from './pod-table.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'

/** The pod of a row as the API gives it: made anew at each call, O(size of the pod). */
export function podObject(api: ApiServer, row: PodRow): Pod {
  const { pods } = api
  const { template } = pods.infoOf(row)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadataOf(api, row), labels: template.metadata.labels },
    spec: { ...template.spec, ...nodeName(api, row) },
    status: statusOf(api, row),
  }
}

/** References of a pod to its owners: the one to its controller first. */
export function ownerReferencesOf(api: ApiServer, row: PodRow): readonly OwnerReference[] {
  const owner = api.pods.table.owner(row)
  const others = api.pods.detailsOf(row).ownerReferences ?? []
  if (!(owner instanceof ControllerOwner)) return others
  return [owner.reference, ...others.filter(({ uid }) => uid !== owner.uid)]
}

function metadataOf(api: ApiServer, row: PodRow): NonNullable<Pod['metadata']> {
  const { pods, calendar } = api
  const { table } = pods
  const { namespace, annotations } = pods.infoOf(row).template.metadata
  const { finalizers } = pods.detailsOf(row)
  const ownerReferences = ownerReferencesOf(api, row)
  const deletingAt = table.deletingAt(row)
  const grace = table.grace(row)
  return {
    name: pods.nameOf(row),
    namespace,
    uid: pods.uidOf(row),
    resourceVersion: String(table.revision(row)),
    creationTimestamp: calendar.format(table.createdAt(row)),
    annotations,
    ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
    ...(finalizers === undefined || finalizers.length === 0 ? {} : { finalizers }),
    ...(deletingAt === NO_TIME
      ? {}
      : {
          deletionTimestamp: calendar.format(deletingAt + grace),
          deletionGracePeriodSeconds: Math.ceil(grace / SECOND),
        }),
  }
}

function nodeName(api: ApiServer, row: PodRow): { readonly nodeName?: string } {
  const node = api.pods.table.node(row)
  return node === NO_NODE ? {} : { nodeName: api.nodeRows.nameOf(node) }
}

function statusOf(api: ApiServer, row: PodRow): NonNullable<Pod['status']> {
  const { pods, calendar } = api
  const { table } = pods
  const details = pods.detailsOf(row)
  const podIP = podAddress(api, row)
  const reason = table.reason(row)
  const boundAt = table.boundAt(row)
  const nominated = table.nominatedNode(row)
  return {
    phase: PHASE_NAMES[table.phase(row)] ?? 'Unknown',
    conditions: conditionsOf(api, row),
    qosClass: qosClassOf({ spec: pods.infoOf(row).template.spec }),
    ...(reason === '' ? {} : { reason }),
    ...(details.message === undefined ? {} : { message: details.message }),
    ...(boundAt === NO_TIME ? {} : { startTime: calendar.format(boundAt) }),
    ...(nominated === NO_NODE ? {} : { nominatedNodeName: api.nodeRows.nameOf(nominated) }),
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    ...(details.containerStatuses === undefined ? {} : { containerStatuses: details.containerStatuses }),
    ...(details.initContainerStatuses === undefined
      ? {}
      : { initContainerStatuses: details.initContainerStatuses }),
    ...(details.resourceClaimStatuses === undefined
      ? {}
      : { resourceClaimStatuses: details.resourceClaimStatuses }),
  }
}

/** Conditions that were written, and those that follow from the row. */
function conditionsOf(api: ApiServer, row: PodRow): readonly PodCondition[] {
  const { table } = api.pods
  const written = api.pods.detailsOf(row).conditions ?? []
  const derived = [
    condition(api, 'PodScheduled', table.boundAt(row)),
    condition(api, 'Initialized', table.runningAt(row)),
    ...['ContainersReady', 'Ready'].map((type) => readyCondition(api, row, type)),
  ].filter(({ type }) => written.every((other) => other.type !== type))
  return [...derived, ...written]
}

function condition(api: ApiServer, type: string, since: Micros): PodCondition {
  if (since === NO_TIME) return { type, status: 'False' }
  return { type, status: 'True', lastTransitionTime: api.calendar.format(since) }
}

function readyCondition(api: ApiServer, row: PodRow, type: string): PodCondition {
  const { table } = api.pods
  if (table.isReady(row)) return condition(api, type, table.readyAt(row))
  return { type, status: 'False' }
}
