import { qosClassOf } from '../api/qos.ts'
import { quantityValue } from '../api/quantity.ts'
import { aggregateRequests, isPodLevelResource, listTexts } from '../api/resources.ts'
import type { Container, Pod } from '../api/types.generated.ts'

/** Of node-critical and Guaranteed pods: killed last. */
const GUARANTEED = -997
/** Of BestEffort pods: killed first. */
const BEST_EFFORT = 1000
/** Burstable pods are killed after Guaranteed ones. */
const BURSTABLE_MIN = 1000 + GUARANTEED

/** Priorities from here on are critical (`scheduling.SystemCriticalPriority`). */
const CRITICAL_PRIORITY = 2_000_000_000
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'
const SOURCE_ANNOTATION = 'kubernetes.io/config.source'

/**
 * The adjustment of the kernel's badness of a container's processes, -1000 to 1000: the more, the sooner it is killed
 * when the node is out of memory. Burstable containers count by their share of the node's memory (bytes) that they
 * asked for; what the pod asked for beyond its containers is shared among them, and a sidecar is never killed sooner
 * than the container that asked for the least.
 *
 * Source: kubelet v1.37, qos/policy.go `GetContainerOOMScoreAdjust`.
 */
export function oomScoreAdjust(pod: Pod, container: Container, nodeMemory: number): number {
  if (isNodeCritical(pod)) return GUARANTEED
  const qosClass = pod.status?.qosClass ?? qosClassOf(pod)
  if (qosClass === 'Guaranteed') return GUARANTEED
  if (qosClass === 'BestEffort') return BEST_EFFORT
  const share = sharedRequest(pod)
  const scoreOf = (request: number): number => 1000 - Math.trunc((1000 * (request + share)) / nodeMemory)
  let score = scoreOf(memoryRequest(container))
  if (isSidecar(pod, container)) {
    const least = Math.min(...(pod.spec?.containers ?? []).map(memoryRequest))
    score = Math.min(score, scoreOf(least))
  }
  return Math.max(BURSTABLE_MIN, score === BEST_EFFORT ? score - 1 : score)
}

/** Bytes that each container is given of what the pod level asks for beyond the containers, rounded down. */
function sharedRequest(pod: Pod): number {
  const podLevel = pod.spec?.resources?.requests ?? {}
  const ofPod = quantityValue(podLevel['memory'] ?? 0)
  if (!Object.keys(podLevel).some(isPodLevelResource) || ofPod === 0) return 0
  const containers = aggregateRequests(pod, { excludeOverhead: true, skipPodLevel: true })
  const ofContainers = quantityValue(listTexts(containers)['memory'] ?? 0)
  const count = (pod.spec?.containers.length ?? 0) + (pod.spec?.initContainers?.length ?? 0)
  return Math.max(0, Math.trunc((ofPod - ofContainers) / count))
}

function memoryRequest(container: Container): number {
  return quantityValue(container.resources?.requests?.['memory'] ?? 0)
}

function isSidecar(pod: Pod, { name, restartPolicy }: Container): boolean {
  return restartPolicy === 'Always' && (pod.spec?.initContainers ?? []).some((init) => init.name === name)
}

/** Critical (static, mirror, or by priority) and of the class of node-critical pods. */
function isNodeCritical(pod: Pod): boolean {
  if (pod.spec?.priorityClassName !== 'system-node-critical') return false
  const annotations = pod.metadata?.annotations ?? {}
  const source = annotations[SOURCE_ANNOTATION]
  const isStatic = source !== undefined && source !== 'api'
  return isStatic || MIRROR_ANNOTATION in annotations || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY
}
