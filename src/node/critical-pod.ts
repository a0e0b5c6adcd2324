import type { Pod } from '../api/types.generated.ts'

/** From this priority on a pod is critical to the system (Kubernetes v1.37, `SystemCriticalPriority`). */
export const CRITICAL_PRIORITY = 2_000_000_000

/** The class of pods that their node cannot do without. */
const NODE_CRITICAL = 'system-node-critical'

const CONFIG_SOURCE = 'kubernetes.io/config.source'
const CONFIG_MIRROR = 'kubernetes.io/config.mirror'

/**
 * Whether a kubelet neither evicts nor refuses this pod for pressure: one of its own files (static), the mirror
 * of one, or one with the priority of the system.
 *
 * Source: kubelet v1.37, types/pod_update.go `IsCriticalPod`.
 */
export function isCriticalPod(pod: Pod): boolean {
  const annotations = pod.metadata?.annotations ?? {}
  const source = annotations[CONFIG_SOURCE]
  if (source !== undefined && source !== 'api') return true
  return annotations[CONFIG_MIRROR] !== undefined || (pod.spec?.priority ?? 0) >= CRITICAL_PRIORITY
}

/** Whether the pod is critical and of the class system-node-critical (kubelet v1.37, `IsNodeCriticalPod`). */
export function isNodeCriticalPod(pod: Pod): boolean {
  return pod.spec?.priorityClassName === NODE_CRITICAL && isCriticalPod(pod)
}
