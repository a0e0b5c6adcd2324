import type { PodStore } from './pod-store.ts'
import { NO_TIME } from './pod-table.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'

/**
 * Takes a finalizer from a pod. One whose deletion waited for nothing but it is gone then: nobody runs it any more, or its node
 * has been asked to stop at once.
 */
export function releasePod(pods: PodStore, row: PodRow, finalizer: string): void {
  const present = pods.detailsOf(row).finalizers ?? []
  if (!present.includes(finalizer)) return
  const finalizers = present.filter((name) => name !== finalizer)
  pods.updateDetails(row, { finalizers })
  const { table } = pods
  if (finalizers.length > 0 || table.deletingAt(row) === NO_TIME) return
  if (pods.isFinished(row) || table.node(row) === NO_NODE || table.grace(row) === 0) pods.remove(row)
}
