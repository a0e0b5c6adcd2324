/** What the eviction manager knows of a pod when it ranks pods by memory. */
export interface RankedPod {
  /** Working set in bytes; undefined when there are no stats of the pod, which puts it first. */
  readonly usage: number | undefined
  /** Memory request in bytes. */
  readonly request: number
  readonly priority: number
}

/**
 * Order of eviction under memory pressure: negative when the first goes before the second. Pods that use more than
 * they asked for go first, then lower priority, then more usage above the request.
 *
 * Source: kubelet v1.37, eviction/helpers.go `rankMemoryPressure`: exceedMemoryRequests, priority, memory.
 */
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

function exceeds(pod: RankedPod): boolean {
  return (pod.usage ?? 0) > pod.request
}

function overRequest(pod: RankedPod): number {
  return (pod.usage ?? 0) - pod.request
}
