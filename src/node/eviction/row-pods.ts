import type { PodTemplate } from '../../api/pod-template.ts'
import { bytesText } from '../../api/quantity.ts'
import type { Container, Pod } from '../../api/types.generated.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { PodRow } from '../../cluster/rows.ts'
import { CRITICAL_PRIORITY, isCriticalPod } from '../critical-pod.ts'
import { NO_LOCAL_USE } from '../local-use.ts'
import type { LocalAmounts } from '../local-use.ts'
import type { FilesystemLayout } from './filesystems.ts'
import { exceededStorageLimit } from './local-storage.ts'
import { blameMessage } from './message.ts'
import type { PodStats } from './pod-stats.ts'
import { usageOf } from './pod-stats.ts'
import { rankedRequest } from './ranking.ts'
import type { RankedPod, Ranking, UsageMeasure } from './ranking.ts'
import type { StarvedResource } from './signals.ts'
import type { EvictablePods } from './synchronize.ts'

/** Where what pods use is known. */
export interface PodMeters {
  /** Bytes of memory in use by a pod. */
  memoryOf(pod: PodRow): number
  /** Disk, inodes and processes of a pod; none by default. */
  readonly localUseOf?: ((pod: PodRow) => LocalAmounts) | undefined
  /** Use container by container, of pods for which it is known; by default only that of single containers is. */
  readonly statsOf?: ((pod: PodRow) => PodStats | undefined) | undefined
}

interface TemplateRequests {
  readonly memory: number
  readonly 'ephemeral-storage': number
  readonly isStatic: boolean
}

/** Makes views of the pods of one node after another; remembers what follows from templates. */
export class RowPods {
  readonly #api: ApiServer
  readonly #meters: PodMeters
  readonly #byTemplate = new WeakMap<PodTemplate, TemplateRequests>()

  constructor(api: ApiServer, meters: PodMeters) {
    this.#api = api
    this.#meters = meters
  }

  /** These pods to the eviction manager of a node with these disks. */
  view(pods: readonly PodRow[], layout: FilesystemLayout): EvictablePods<PodRow> {
    return {
      active: () => pods,
      ranked: (pod, ranking) => this.#ranked(pod, ranking),
      isCritical: (pod) => this.isCritical(pod),
      terminationGrace: (pod): Micros => this.#api.pods.infoOf(pod).terminationGrace,
      blame: (pod, resource) => this.#blame(pod, resource),
      exceededLimit: (pod) => this.exceededLimit(pod, layout),
    }
  }

  /** Whether the pod is spared. */
  isCritical(pod: PodRow): boolean {
    const { pods } = this.#api
    if (pods.table.priority(pod) >= CRITICAL_PRIORITY) return true
    return this.#requestsOf(pods.infoOf(pod).template).isStatic
  }

  /** The limit on the node's disk that the pod exceeds, as a message. */
  exceededLimit(pod: PodRow, layout: FilesystemLayout): string | undefined {
    const stats = this.#knownStats(pod)
    if (stats === undefined) return undefined
    return exceededStorageLimit(this.#podOf(pod), stats, layout)
  }

  #ranked(pod: PodRow, { measure, exceeding, above }: Ranking): RankedPod {
    return {
      usage: this.#usage(pod, measure),
      request: exceeding === undefined ? undefined : this.#request(pod, exceeding),
      above: above === undefined ? 0 : this.#request(pod, above),
      priority: this.#api.pods.table.priority(pod),
    }
  }

  #usage(pod: PodRow, measure: UsageMeasure): number {
    if (measure.kind === 'memory') return this.#meters.memoryOf(pod)
    return usageOf(this.#podOf(pod), this.#statsOf(pod), measure)
  }

  #request(pod: PodRow, resource: 'memory' | 'ephemeral-storage' | 'inodes'): number {
    if (resource === 'inodes') return 0
    const { pods } = this.#api
    const { template } = pods.infoOf(pod)
    const ownSize = resource === 'memory' && template.sizing !== 'template'
    return ownSize ? pods.table.memory(pod) : this.#requestsOf(template)[resource]
  }

  #requestsOf(template: PodTemplate): TemplateRequests {
    let requests = this.#byTemplate.get(template)
    if (requests === undefined) {
      const pod = { metadata: template.metadata, spec: template.spec }
      requests = {
        memory: rankedRequest(pod, 'memory'),
        'ephemeral-storage': rankedRequest(pod, 'ephemeral-storage'),
        isStatic: isCriticalPod({ metadata: template.metadata }),
      }
      this.#byTemplate.set(template, requests)
    }
    return requests
  }

  #blame(pod: PodRow, resource: StarvedResource): string {
    return blameMessage(resource, this.#podOf(pod), this.#statsOf(pod))
  }

  /** Stats of a pod that uses the node's disk; undefined for those of which nothing of the kind is known. */
  #knownStats(pod: PodRow): PodStats | undefined {
    return this.#localUse(pod).disk > 0 ? this.#statsOf(pod) : undefined
  }

  #statsOf(pod: PodRow): PodStats {
    const known = this.#meters.statsOf?.(pod)
    return known === undefined ? this.#wholeStats(pod) : this.#withRest(known, this.#localUse(pod))
  }

  /** Adds what the pod uses of which nobody knows the container. */
  #withRest(known: PodStats, { disk, inodes, processes }: LocalAmounts): PodStats {
    const ofContainers = known['ephemeral-storage']?.usedBytes ?? 0
    const rest = { usedBytes: Math.max(0, disk - ofContainers), inodesUsed: inodes }
    const nameless = { name: '', rootfs: rest, logs: { usedBytes: 0, inodesUsed: 0 } }
    return {
      ...known,
      'ephemeral-storage': { usedBytes: Math.max(disk, ofContainers), inodesUsed: inodes },
      process_stats: { process_count: processes },
      containers: [...(known.containers ?? []), nameless],
    }
  }

  #wholeStats(pod: PodRow): PodStats {
    const memory = { workingSetBytes: this.#meters.memoryOf(pod) }
    const { disk, inodes, processes } = this.#localUse(pod)
    const rootfs = { usedBytes: disk, inodesUsed: inodes }
    const logs = { usedBytes: 0, inodesUsed: 0 }
    const [container, ...others] = this.#api.pods.infoOf(pod).template.spec.containers
    // Of several containers nobody knows which one used what; for ranking the first counts with all of it.
    const isBlamed = others.length === 0
    return {
      memory,
      'ephemeral-storage': rootfs,
      process_stats: { process_count: processes },
      containers: [
        {
          name: isBlamed ? (container?.name ?? '') : '',
          rootfs,
          logs,
          ...(isBlamed ? { memory } : {}),
        },
      ],
    }
  }

  #localUse(pod: PodRow): LocalAmounts {
    return this.#meters.localUseOf?.(pod) ?? NO_LOCAL_USE
  }

  #podOf(pod: PodRow): Pod {
    const { pods } = this.#api
    const { template } = pods.infoOf(pod)
    const [first, ...others] = template.spec.containers
    const containers =
      first === undefined || template.sizing === 'template'
        ? template.spec.containers
        : [this.#sized(pod, first), ...others]
    return {
      metadata: { ...template.metadata, name: pods.nameOf(pod) },
      spec: { ...template.spec, containers, priority: pods.table.priority(pod) },
    }
  }

  #sized(pod: PodRow, container: Container): Container {
    const { resources } = container
    const requests = { ...resources?.requests, memory: bytesText(this.#api.pods.table.memory(pod)) }
    return { ...container, resources: { ...resources, requests } }
  }
}
