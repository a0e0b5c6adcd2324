import type { EvictionSignal } from './signals.ts'
import { isHard } from './thresholds.ts'
import type { Threshold } from './thresholds.ts'

/** Which file systems of a node lie on disks of their own. */
export interface FilesystemLayout {
  /** Images are not on the disk of the node's own files. */
  readonly dedicatedImageFs: boolean
  /** Writable layers of containers are not on the disk of the images, but on that of the node. */
  readonly splitContainerFs: boolean
}

/** Images, layers, logs and volumes on one disk. */
export const ONE_FILESYSTEM: FilesystemLayout = { dedicatedImageFs: false, splitContainerFs: false }

/** What a kubelet can give back before it evicts pods: dead containers, or unused images. */
export type NodeReclaim = 'containers' | 'images'

/** The disk that the layers of containers share with others. */
type Neighbour = 'nodefs' | 'imagefs'

/** Thresholds as a kubelet has them in its first look, and from the second on. */
export interface LookThresholds {
  readonly first: readonly Threshold[]
  readonly later: readonly Threshold[]
}

/**
 * Adds the thresholds of the disk with the containers: those of the disk that it is a part of, whatever was configured.
 * The first look still goes by the list without what was added.
 *
 * Source: kubelet v1.37, eviction/helpers.go `UpdateContainerFsThresholds`, and `synchronize`, which calls it.
 */
export function withContainerFs(
  thresholds: readonly Threshold[],
  { dedicatedImageFs, splitContainerFs }: FilesystemLayout,
): LookThresholds {
  if (!dedicatedImageFs && splitContainerFs) return { first: thresholds, later: thresholds }
  const neighbour: Neighbour = dedicatedImageFs && !splitContainerFs ? 'imagefs' : 'nodefs'
  const replaced: (Threshold | undefined)[] = [...thresholds]
  const added: Threshold[] = []
  for (const part of ['available', 'inodesFree'] as const) {
    for (const hard of [true, false]) {
      const matches = (signal: EvictionSignal) => (threshold: Threshold) =>
        threshold.signal === signal && isHard(threshold) === hard
      const model = thresholds.findLast(matches(`${neighbour}.${part}`))
      const copy = model && ({ ...model, signal: `containerfs.${part}` } as const)
      const place = thresholds.findLastIndex(matches(`containerfs.${part}`))
      if (place >= 0) replaced[place] = copy
      else if (copy !== undefined) added.push(copy)
    }
  }
  const first = replaced.filter((threshold) => threshold !== undefined)
  return { first, later: [...first, ...added] }
}

/** Whether the signal is about a disk. */
function isDiskSignal(signal: EvictionSignal): boolean {
  return /^(?:node|image|container)fs\./.test(signal)
}

/**
 * What the kubelet tries before it evicts for this signal, in order.
 *
 * Source: kubelet v1.37, eviction/helpers.go `buildSignalToNodeReclaimFuncs`.
 */
export function reclaimsFor(
  signal: EvictionSignal,
  { dedicatedImageFs, splitContainerFs }: FilesystemLayout,
): readonly NodeReclaim[] {
  if (!isDiskSignal(signal)) return []
  if (!dedicatedImageFs) return ['containers', 'images']
  if (splitContainerFs) return signal.startsWith('imagefs.') ? ['images'] : ['containers']
  return signal.startsWith('nodefs.') ? [] : ['containers', 'images']
}

/** What of a pod lies on disks: writable layers, logs, volumes on the node. */
export type DiskPart = 'rootfs' | 'logs' | 'volumes'

/** The parts of pods that count when pods are ranked for this signal of a disk. */
export function rankedParts(
  signal: EvictionSignal,
  { dedicatedImageFs, splitContainerFs }: FilesystemLayout,
): readonly DiskPart[] {
  if (!dedicatedImageFs) return ['rootfs', 'logs', 'volumes']
  if (splitContainerFs) return signal.startsWith('imagefs.') ? [] : ['logs', 'volumes', 'rootfs']
  return signal.startsWith('nodefs.') ? ['logs', 'volumes'] : ['rootfs']
}
