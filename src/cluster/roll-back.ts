import type { Node, Taint } from '../api/types.generated.ts'
import type { ApiServer } from './api-server.ts'
import { UNSAVED_KINDS } from './cluster-snapshot.ts'
import type { ClusterSnapshot, PodRecord } from './cluster-snapshot.ts'
import type { PodDetails } from './pod-details.ts'
import { CONTAINER_STATUS_UNKNOWN, ROLLED_BACK } from './pod-reason.ts'
import { NO_TIME, PHASE_FAILED, PHASE_RUNNING, PHASE_SUCCEEDED } from './pod-table.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'

/** What a roll back came to. */
export interface RollBackCounts {
  /** Pods that are gone, for they were created since. */
  podsGone: number
  /** Pods that are there again: deleted since, or no longer as they were. */
  podsMade: number
  /** Other objects that changed, are gone, or are there again. */
  objectsChanged: number
}

/** Hears of pods inside a roll back: who keeps more of pods than the API server has. */
export interface RollBackObserver {
  /** A pod goes; whether one of its place comes back. */
  readonly erasing: (pod: PodRow, comesBack: boolean) => void
  /** A pod is there again. */
  readonly made: (pod: PodRow) => void
  /** All pods are as they were. */
  readonly ended: () => void
}

/**
 * Puts all objects back to how they were in a snapshot, as a restored etcd does: those created since are gone, those deleted since are there
 * again with the same uid, others have their old state. Revisions go on above (`etcdutl snapshot restore --bump-revision --mark-compacted`),
 * and watchers hear of what is other than they knew, as from a new list.
 *
 * Statuses of pods that are on the node on which they were stay: their kubelets would write them again. So do conditions of nodes with the
 * taints that follow from them. Nodes that came or went since stay so: their kubelets, or the cloud, would see to that.
 */
export function rollBack(
  api: ApiServer,
  snapshot: ClusterSnapshot,
  observers: readonly RollBackObserver[],
): RollBackCounts {
  const counts: RollBackCounts = { podsGone: 0, podsMade: 0, objectsChanged: 0 }
  api.isRestoring = true
  for (const kind of api.kinds) {
    if (UNSAVED_KINDS.has(kind)) continue
    counts.objectsChanged +=
      kind === 'Node' ? rollNodesBack(api, snapshot) : rollKindBack(api, snapshot, kind)
  }
  rollPodsBack(api, snapshot, observers, counts)
  api.isRestoring = false
  return counts
}

function rollKindBack(api: ApiServer, { objects }: ClusterSnapshot, kind: string): number {
  const store = api.collection(kind)
  const wanted = objects.get(kind) ?? new Map()
  const keys = new Set([...store.keys(), ...wanted.keys()])
  let changed = 0
  for (const key of keys) {
    if (store.get(key) === wanted.get(key)) continue
    store.rollBack(key, wanted.get(key))
    changed += 1
  }
  return changed
}

function rollNodesBack({ nodes }: ApiServer, { objects }: ClusterSnapshot): number {
  let changed = 0
  for (const node of [...nodes.list()]) {
    const old = objects.get('Node')?.get(node.metadata?.name ?? '') as Node | undefined
    if (old === undefined || old === node) continue
    const taints = [...taintsOf(old).filter((taint) => !followsCondition(taint))]
    taints.push(...taintsOf(node).filter(followsCondition))
    const spec = { ...old.spec, taints }
    const { labels = {}, annotations = {} } = old.metadata ?? {}
    const isSame =
      JSON.stringify({ ...node.spec, taints: taintsOf(node) }) === JSON.stringify(spec) &&
      JSON.stringify([node.metadata?.labels ?? {}, node.metadata?.annotations ?? {}]) ===
        JSON.stringify([labels, annotations])
    if (isSame) continue
    nodes.update({ ...node, metadata: { ...node.metadata, labels, annotations }, spec })
    changed += 1
  }
  return changed
}

function taintsOf({ spec }: Node): readonly Taint[] {
  return spec?.taints ?? []
}

const CONDITION_TAINTS = ['not-ready', 'unreachable', 'memory-pressure', 'disk-pressure', 'pid-pressure']

function followsCondition({ key }: Taint): boolean {
  return CONDITION_TAINTS.some((name) => key === `node.kubernetes.io/${name}`)
}

function rollPodsBack(
  api: ApiServer,
  { pods: records }: ClusterSnapshot,
  observers: readonly RollBackObserver[],
  counts: RollBackCounts,
): void {
  const { pods } = api
  const wanted = new Map(records.map((record) => [record.serial, record]))
  const toMake: PodRecord[] = []
  const toErase: PodRow[] = []
  for (const row of [...pods.table.stored()]) {
    const record = wanted.get(pods.table.serial(row))
    wanted.delete(pods.table.serial(row))
    if (record === undefined) {
      toErase.push(row)
      counts.podsGone += 1
    } else if (isAsItWas(api, row, record)) changeBack(api, row, record)
    else {
      toErase.push(row)
      toMake.push(record)
    }
  }
  toMake.push(...wanted.values())
  toMake.sort((one, other) => one.serial - other.serial)
  const places = new Set(toMake.map(({ draft }) => placeOfDraft(draft)))
  for (const row of toErase) {
    for (const { erasing } of observers) erasing(row, places.has(placeOf(api, row)))
    pods.erase(row, ROLLED_BACK)
  }
  for (const record of toMake) {
    const row = makeAgain(api, record)
    for (const { made } of observers) made(row)
  }
  for (const { ended } of observers) ended()
  counts.podsMade = toMake.length
}

/** Whether all that a pod was is still so but for what its kubelet says of it. */
function isAsItWas({ pods }: ApiServer, row: PodRow, { node, isDeleting }: PodRecord): boolean {
  const { table } = pods
  return table.node(row) === node && (table.deletingAt(row) !== NO_TIME) === isDeleting
}

/** What may change of a pod on its node, or without one, by others than its kubelet. */
function changeBack({ pods }: ApiServer, row: PodRow, { draft, node }: PodRecord): void {
  if (node === NO_NODE) pods.nominate(row, NO_NODE)
  if (pods.table.template(row) !== draft.template) pods.updateTemplate(row, draft.template)
  if (draft.taskName === undefined && pods.table.owner(row) !== draft.owner) pods.setOwner(row, draft.owner)
  const { finalizers = [], ownerReferences = [] } = draft.details ?? {}
  const before: PodDetails = pods.detailsOf(row)
  const isSame =
    JSON.stringify([before.finalizers ?? [], before.ownerReferences ?? []]) ===
    JSON.stringify([finalizers, ownerReferences])
  if (!isSame) pods.updateDetails(row, { finalizers, ownerReferences })
}

/**
 * A pod that was running and never restarts has failed: its kubelet finds no containers of it. One that restarts is started by its kubelet.
 * Source: kubelet v1.37, `convertToAPIContainerStatuses` (ContainerStatusUnknown).
 */
function makeAgain({ pods }: ApiServer, record: PodRecord): PodRow {
  const { draft, node, devices, phase, reason, isDeleting, grace } = record
  const row = pods.create({ ...draft, ...(node === NO_NODE ? {} : { node, devices }) })
  if (phase === PHASE_SUCCEEDED || phase === PHASE_FAILED) {
    pods.finish(row, { succeeded: phase === PHASE_SUCCEEDED, reason })
  } else if (phase === PHASE_RUNNING && pods.infoOf(row).restartPolicy === 'Never') {
    pods.finish(row, { succeeded: false, reason: CONTAINER_STATUS_UNKNOWN })
  }
  if (isDeleting && !pods.isRemoved(row)) pods.requestDeletion(row, { grace, reason })
  return row
}

/** The place that a pod stands in: its owner's, or its own. */
function placeOf({ pods }: ApiServer, row: PodRow): string {
  const { table } = pods
  return `${table.owner(row)?.name ?? pods.nameOf(row)}/${table.ordinal(row)}`
}

function placeOfDraft({ taskName, owner, name, ordinal = 0 }: PodRecord['draft']): string {
  return `${taskName ?? owner?.name ?? name ?? ''}/${ordinal}`
}
