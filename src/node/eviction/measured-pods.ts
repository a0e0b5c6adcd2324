import type { Pod } from '../../api/types.generated.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { isCriticalPod } from '../critical-pod.ts'
import type { FilesystemLayout } from './filesystems.ts'
import { exceededStorageLimit } from './local-storage.ts'
import { blameMessage } from './message.ts'
import { usageOf } from './pod-stats.ts'
import type { PodStats } from './pod-stats.ts'
import { rankedRequest } from './ranking.ts'
import type { RankedPod, Ranking } from './ranking.ts'
import type { StarvedResource } from './signals.ts'
import type { EvictablePods } from './synchronize.ts'

/** Pods as objects of the API with what the summary API says of them, to the eviction manager. */
export class MeasuredPods implements EvictablePods<Pod> {
  readonly #pods: readonly Pod[]
  readonly #statsOf: (pod: Pod) => PodStats | undefined
  readonly #layout: FilesystemLayout

  constructor(pods: readonly Pod[], statsOf: (pod: Pod) => PodStats | undefined, layout: FilesystemLayout) {
    this.#pods = pods
    this.#statsOf = statsOf
    this.#layout = layout
  }

  active(): readonly Pod[] {
    return this.#pods
  }

  ranked(pod: Pod, { measure, exceeding, above }: Ranking): RankedPod {
    const stats = this.#statsOf(pod)
    return {
      usage: stats === undefined ? undefined : usageOf(pod, stats, measure),
      request: exceeding === undefined ? undefined : requestOf(pod, exceeding),
      above: above === undefined ? 0 : requestOf(pod, above),
      priority: pod.spec?.priority ?? 0,
    }
  }

  isCritical(pod: Pod): boolean {
    return isCriticalPod(pod)
  }

  terminationGrace(pod: Pod): Micros | undefined {
    const seconds = pod.spec?.terminationGracePeriodSeconds
    return seconds === undefined ? undefined : seconds * SECOND
  }

  blame(pod: Pod, resource: StarvedResource): string {
    const stats = this.#statsOf(pod)
    return stats === undefined ? '' : blameMessage(resource, pod, stats)
  }

  exceededLimit(pod: Pod): string | undefined {
    const stats = this.#statsOf(pod)
    return stats === undefined ? undefined : exceededStorageLimit(pod, stats, this.#layout)
  }
}

/** Nobody can ask for inodes. */
function requestOf(pod: Pod, resource: 'memory' | 'ephemeral-storage' | 'inodes'): number {
  return resource === 'inodes' ? 0 : rankedRequest(pod, resource)
}
