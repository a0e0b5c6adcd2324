import type { PodStore } from '../cluster/pod-store.ts'
import type { PodRow } from '../cluster/rows.ts'

/**
 * The containers of a pod that is to go have ended: it leaves the store. While finalizers hold it, it is Failed, for those who
 * wait for its end, and goes when they let it.
 *
 * Source: kubelet v1.37, status/status_manager.go `syncPod`: its delete without a grace period waits for finalizers.
 */
export function letGo(pods: PodStore, pod: PodRow): void {
  if ((pods.detailsOf(pod).finalizers ?? []).length === 0) pods.remove(pod)
  else pods.finish(pod, { succeeded: false, reason: pods.table.reason(pod) })
}
