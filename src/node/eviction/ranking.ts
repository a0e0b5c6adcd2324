import { aggregateRequests, isPodLevelResource } from '../../api/resources.ts'
import { resourceList } from '../../api/resource-list.ts'
import type { Pod } from '../../api/types.generated.ts'
import { rankedParts } from './filesystems.ts'
import type { DiskPart, FilesystemLayout } from './filesystems.ts'
import type { EvictionSignal } from './signals.ts'
import { resourceOf } from './signals.ts'

/** What is measured of pods to rank them. */
export type UsageMeasure =
  | { readonly kind: 'memory' }
  | { readonly kind: 'processes' }
  | { readonly kind: 'disk'; readonly parts: readonly DiskPart[]; readonly unit: 'bytes' | 'inodes' }

/** How pods are ranked when a signal is low. */
export interface Ranking {
  readonly measure: UsageMeasure
  /** Whether those above their request come first; `inodes` cannot be asked for, so all that use any are. */
  readonly exceeding: 'memory' | 'ephemeral-storage' | 'inodes' | undefined
  /** What the usage is compared above, at last; of inodes that is the request of bytes, as in the kubelet. */
  readonly above: 'memory' | 'ephemeral-storage' | undefined
}

const BY_MEMORY: Ranking = { measure: { kind: 'memory' }, exceeding: 'memory', above: 'memory' }
const BY_PROCESSES: Ranking = { measure: { kind: 'processes' }, exceeding: undefined, above: undefined }

/**
 * How pods are ranked for a signal on a node with these disks.
 *
 * Source: kubelet v1.37, eviction/helpers.go `buildSignalToRankFunc`.
 */
export function rankingOf(signal: EvictionSignal, layout: FilesystemLayout): Ranking {
  const resource = resourceOf(signal)
  if (resource === 'memory') return BY_MEMORY
  if (resource === 'pids') return BY_PROCESSES
  return {
    measure: {
      kind: 'disk',
      parts: rankedParts(signal, layout),
      unit: resource === 'inodes' ? 'inodes' : 'bytes',
    },
    exceeding: resource,
    above: 'ephemeral-storage',
  }
}

/** What the eviction manager knows of a pod when it ranks pods. */
export interface RankedPod {
  /** What is measured of it; undefined when there are no stats of the pod. */
  readonly usage: number | undefined
  /** Request that the usage may exceed; undefined: pods are not told apart by that. */
  readonly request: number | undefined
  /** Request that is taken off the usage when usages are compared. */
  readonly above: number
  readonly priority: number
}

/** Pods in the order of eviction; ties stay in the given order. */
export function rankPods<Ranked extends RankedPod>(pods: readonly Ranked[]): Ranked[] {
  return pods.toSorted(compareForEviction)
}

/**
 * Negative when the first pod is evicted before the second, 0 when neither goes before the other: those that use more
 * than they asked for, then lower priority, then more usage above the request; first of all those without stats, but
 * after priority where requests do not count.
 *
 * Source: kubelet v1.37, eviction/helpers.go `rankMemoryPressure`, `rankDiskPressureFunc`, `rankPIDPressure`.
 */
export function compareForEviction(one: RankedPod, other: RankedPod): number {
  return (
    compareExceeding(one, other) ||
    one.priority - other.priority ||
    compareFirst(one.usage === undefined, other.usage === undefined) ||
    overRequest(other) - overRequest(one)
  )
}

function compareExceeding(one: RankedPod, other: RankedPod): number {
  if (one.request === undefined || other.request === undefined) return 0
  if (one.usage === undefined || other.usage === undefined) {
    return compareFirst(one.usage === undefined, other.usage === undefined)
  }
  return compareFirst(one.usage > one.request, other.usage > other.request)
}

function compareFirst(one: boolean, other: boolean): number {
  return Number(other) - Number(one)
}

/** Usage above the request; pods without stats are equal in this. */
function overRequest({ usage, above }: RankedPod): number {
  return usage === undefined ? 0 : usage - above
}

const NANO = 1_000_000_000

/**
 * What a pod counts as having asked for when it is ranked, in units: that of the pod level where it has resources at all,
 * else that of its containers; with the overhead, unless it asked for nothing.
 *
 * Source: kubelet v1.37, api/v1/resource `GetResourceRequestQuantity`.
 */
export function rankedRequest(pod: Pod, resource: 'memory' | 'ephemeral-storage'): number {
  const podLevel = pod.spec?.resources
  const named = [...Object.keys(podLevel?.requests ?? {}), ...Object.keys(podLevel?.limits ?? {})]
  let list = aggregateRequests(pod, { excludeOverhead: true, skipPodLevel: true })
  if (named.some(isPodLevelResource)) {
    list = isPodLevelResource(resource) ? resourceList(podLevel?.requests) : new Map()
  }
  const request = list.get(resource)
  if (request === undefined || request.nano === 0n) return 0
  const overhead = resourceList(pod.spec?.overhead).get(resource)
  return Number(request.nano + (overhead?.nano ?? 0n)) / NANO
}
