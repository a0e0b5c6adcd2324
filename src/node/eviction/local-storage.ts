import { formatQuantity, parseQuantity } from '../../api/quantity.ts'
import type { ParsedQuantity } from '../../api/quantity.ts'
import { aggregateLimits } from '../../api/resources.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { FilesystemLayout } from './filesystems.ts'
import type { PodStats } from './pod-stats.ts'

const NANO = 1_000_000_000

/**
 * Which limit on the node's own disk a pod exceeds, as the message of its eviction; undefined when none: the size of an
 * emptyDir, the sum of the limits of ephemeral storage, that of one container.
 *
 * Source: kubelet v1.37, eviction/eviction_manager.go `localStorageEviction`.
 */
export function exceededStorageLimit(
  pod: Pod,
  stats: PodStats,
  layout: FilesystemLayout,
): string | undefined {
  return (
    exceededEmptyDir(pod, stats) ?? exceededPodLimit(pod, stats) ?? exceededContainerLimit(pod, stats, layout)
  )
}

function exceededEmptyDir(pod: Pod, stats: PodStats): string | undefined {
  for (const { name, emptyDir } of pod.spec?.volumes ?? []) {
    const used = stats.volume?.find((volume) => volume.name === name)?.usedBytes
    const limit = emptyDir?.sizeLimit === undefined ? undefined : parseQuantity(emptyDir.sizeLimit)
    if (used === undefined || limit === undefined || limit.nano <= 0n || !exceeds(used, limit)) continue
    return `Usage of EmptyDir volume "${name}" exceeds the limit "${formatQuantity(limit)}". `
  }
  return undefined
}

function exceededPodLimit(pod: Pod, stats: PodStats): string | undefined {
  const limit = aggregateLimits(pod, {}).get('ephemeral-storage')
  if (limit === undefined || !exceeds(stats['ephemeral-storage']?.usedBytes ?? 0, limit)) return undefined
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limit)}. `
}

/** Logs count, and the writable layer where it is not on the disk of images. */
function exceededContainerLimit(
  pod: Pod,
  stats: PodStats,
  { dedicatedImageFs }: FilesystemLayout,
): string | undefined {
  for (const { name, logs, rootfs } of stats.containers ?? []) {
    const container = pod.spec?.containers.find((other) => other.name === name)
    const limit = parseQuantity(container?.resources?.limits?.['ephemeral-storage'] ?? 0)
    const used = (logs?.usedBytes ?? 0) + (dedicatedImageFs ? 0 : (rootfs?.usedBytes ?? 0))
    if (limit === undefined || limit.nano === 0n || !exceeds(used, limit)) continue
    return `Container ${name} exceeded its local ephemeral storage limit "${formatQuantity(limit)}". `
  }
  return undefined
}

function exceeds(used: number, limit: ParsedQuantity): boolean {
  return used > Number(limit.nano) / NANO
}
