import type { Pod, Volume } from '../../api/types.generated.ts'
import type { DiskPart } from './filesystems.ts'
import type { UsageMeasure } from './ranking.ts'

/** Use of a file system. */
export interface FilesystemStats {
  readonly usedBytes?: number
  readonly inodesUsed?: number
}

/** What a container uses. */
export interface ContainerStats {
  readonly name: string
  readonly memory?: { readonly workingSetBytes?: number }
  readonly rootfs?: FilesystemStats
  readonly logs?: FilesystemStats
}

/** What a pod uses, as the kubelet's summary API has it (kubelet v1.37, stats/v1alpha1 `PodStats`). */
export interface PodStats {
  readonly containers?: readonly ContainerStats[] | null
  readonly memory?: { readonly workingSetBytes?: number }
  readonly volume?: readonly (FilesystemStats & { readonly name: string })[] | null
  /** All of its containers, logs and volumes together. */
  readonly 'ephemeral-storage'?: FilesystemStats
  readonly process_stats?: { readonly process_count?: number }
}

/** What a measure says of a pod; what is not known counts as 0 (kubelet v1.37, eviction/helpers.go `podDiskUsage`). */
export function usageOf(pod: Pod, stats: PodStats, measure: UsageMeasure): number {
  if (measure.kind === 'memory') return stats.memory?.workingSetBytes ?? 0
  if (measure.kind === 'processes') return stats.process_stats?.process_count ?? 0
  return measure.parts.reduce((sum, part) => sum + partUsage(pod, stats, part, measure.unit), 0)
}

function partUsage(pod: Pod, stats: PodStats, part: DiskPart, unit: 'bytes' | 'inodes'): number {
  const amount = (filesystem: FilesystemStats | undefined): number =>
    (unit === 'bytes' ? filesystem?.usedBytes : filesystem?.inodesUsed) ?? 0
  if (part !== 'volumes') {
    return (stats.containers ?? []).reduce((sum, container) => sum + amount(container[part]), 0)
  }
  return (pod.spec?.volumes ?? [])
    .filter(isOnNode)
    .reduce((sum, { name }) => sum + amount(stats.volume?.find((volume) => volume.name === name)), 0)
}

/** Whether the volume takes the node's own disk (Kubernetes v1.37, volume/util `IsLocalEphemeralVolume`, or a path). */
function isOnNode({ hostPath, gitRepo, emptyDir, configMap }: Volume): boolean {
  if (hostPath !== undefined || gitRepo !== undefined || configMap !== undefined) return true
  return emptyDir !== undefined && (emptyDir.medium ?? '') === ''
}
