import { quantityValue } from '../api/quantity.ts'
import { aggregateRequests, isPodLevelResource, listTexts } from '../api/resources.ts'
import type { Pod } from '../api/types.generated.ts'

/** What the eviction manager knows of a pod when it ranks pods by memory. */
export interface RankedPod {
  /** Working set in bytes; undefined when there are no stats of the pod, which puts it first. */
  readonly usage: number | undefined
  /** Memory request in bytes. */
  readonly request: number
  readonly priority: number
}

/**
 * Pods in the order of eviction under memory pressure: those that use more than they asked for, then lower
 * priority, then more usage above the request; ties stay in the given order.
 *
 * Source: kubelet v1.37, eviction/helpers.go `rankMemoryPressure`: exceedMemoryRequests, priority, memory.
 */
export function rankForMemory<Ranked extends RankedPod>(pods: readonly Ranked[]): Ranked[] {
  return pods.toSorted(compareForMemory)
}

/** Negative when the first pod is evicted before the second, 0 when neither goes before the other. */
export function compareForMemory(one: RankedPod, other: RankedPod): number {
  return (
    compareFirst(one.usage === undefined, other.usage === undefined) ||
    compareFirst(exceeds(one), exceeds(other)) ||
    one.priority - other.priority ||
    overRequest(other) - overRequest(one)
  )
}

function compareFirst(one: boolean, other: boolean): number {
  return Number(other) - Number(one)
}

function exceeds({ usage, request }: RankedPod): boolean {
  return usage !== undefined && usage > request
}

/** Usage above the request; pods without stats are equal in this. */
function overRequest({ usage, request }: RankedPod): number {
  return usage === undefined ? 0 : usage - request
}

/**
 * Bytes that a pod counts as having asked for when it is ranked: those of the pod level where it has
 * resources at all, else those of its containers; with the overhead, unless it asked for nothing.
 *
 * Source: kubelet v1.37, api/v1/resource `GetResourceRequestQuantity`.
 */
export function rankedRequest(pod: Pod): number {
  const podLevel = pod.spec?.resources
  const named = [...Object.keys(podLevel?.requests ?? {}), ...Object.keys(podLevel?.limits ?? {})]
  const request = named.some(isPodLevelResource)
    ? podLevel?.requests?.['memory']
    : listTexts(aggregateRequests(pod, { excludeOverhead: true, skipPodLevel: true }))['memory']
  const bytes = quantityValue(request ?? 0)
  return bytes === 0 ? 0 : bytes + quantityValue(pod.spec?.overhead?.['memory'] ?? 0)
}
