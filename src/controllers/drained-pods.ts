import { controllerAmong } from '../api/owner-references.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { DaemonSet } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { ownerReferencesOf } from '../cluster/pod-object.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { TASK } from '../cluster/task-owner.ts'

/** Which pods of a node a drain is about. */
export interface DrainSelection {
  /** Only pods with such labels; all by default. */
  readonly podSelector?: LabelPredicate | undefined
  /** Pods that should have been gone for longer than this are left alone; 0, the default: none are. */
  readonly skipWaitForDeleteTimeout?: Micros | undefined
}

/** The pods of a node as a drain sees them. */
export interface DrainedPods {
  /** Those that have to go, ascending. */
  readonly going: readonly PodRow[]
  /** Pods of DaemonSets, which stay. */
  readonly daemonSet: number
  /** Of those that go, how many lose the data of an emptyDir. */
  readonly localStorage: number
  /** Of those that go, how many nobody makes again. */
  readonly unmanaged: number
}

const MIRROR = 'kubernetes.io/config.mirror'

/**
 * Tells the pods of a node that a drain takes away from those that stay: static pods, pods of DaemonSets that are there, and
 * pods that are long overdue. Finished pods go whoever has them.
 *
 * Source: kubectl v1.37, drain/filters.go, with `--ignore-daemonsets --delete-emptydir-data --force`.
 */
export function drainedPods(api: ApiServer, node: NodeRow, selection: DrainSelection): DrainedPods {
  const { pods } = api
  const { podSelector = () => true, skipWaitForDeleteTimeout = 0 } = selection
  const going: PodRow[] = []
  let daemonSet = 0
  let localStorage = 0
  let unmanaged = 0
  for (const row of pods.onNode(node)) {
    const { metadata, spec } = pods.infoOf(row).template
    if (!podSelector(metadata.labels) || isOverdue(api, row, skipWaitForDeleteTimeout)) continue
    const isFinished = pods.isFinished(row)
    if (!isFinished && isOfDaemonSet(api, row)) {
      daemonSet += 1
      continue
    }
    if (metadata.annotations[MIRROR] !== undefined) continue
    going.push(row)
    if (isFinished) continue
    if (spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined) === true) localStorage += 1
    if (!isManaged(api, row)) unmanaged += 1
  }
  return { going, daemonSet, localStorage, unmanaged }
}

/**
 * Whether the pod should have been gone for longer than `timeout`, if that is not 0. Whole seconds are compared, as
 * `metadata.deletionTimestamp` has them. Source: kubectl v1.37, drain/filters.go `shouldSkipPod`.
 */
export function isOverdue(api: ApiServer, row: PodRow, timeout: Micros): boolean {
  const { table } = api.pods
  const deletingAt = table.deletingAt(row)
  if (timeout <= 0 || deletingAt === NO_TIME) return false
  const deletionAt = Math.floor((deletingAt + table.grace(row)) / SECOND) * SECOND
  return Math.trunc((api.sim.now - deletionAt) / SECOND) > Math.trunc(timeout / SECOND)
}

/** A DaemonSet that is gone does not keep its pods. */
function isOfDaemonSet(api: ApiServer, row: PodRow): boolean {
  const controller = controllerAmong(ownerReferencesOf(api, row))
  if (controller?.kind !== 'DaemonSet') return false
  const { namespace } = api.pods.infoOf(row).template.metadata
  return api.collection<DaemonSet>('DaemonSet').get(`${namespace}/${controller.name}`) !== undefined
}

function isManaged(api: ApiServer, row: PodRow): boolean {
  if (api.pods.table.ownerKind(row) === TASK) return true
  return controllerAmong(ownerReferencesOf(api, row)) !== undefined
}
