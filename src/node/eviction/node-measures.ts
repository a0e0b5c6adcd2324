import type { Micros } from '../../base/time.ts'
import type { LocalAmounts } from '../local-use.ts'
import { podsMemoryLimit } from '../node-room.ts'
import type { NodeRoom } from '../node-room.ts'
import { ONE_FILESYSTEM } from './filesystems.ts'
import type { FilesystemLayout } from './filesystems.ts'
import { observationsOf } from './observations.ts'
import { amountOf, isHard } from './thresholds.ts'
import type { Observations, Threshold } from './thresholds.ts'

/** What a node uses that is no pod: the system and the kubelet itself. */
export interface SystemUse extends LocalAmounts {
  /** Bytes. */
  readonly memory: number
}

/** What is in use on a node now. */
export interface NodeUse {
  readonly at: Micros
  readonly system: SystemUse
  /** Bytes of memory in use by pods. */
  readonly workingSet: number
  readonly local: LocalAmounts
  /** Bytes of images. */
  readonly images: number
  /** Share of each of its disks that is taken by nobody that Kubernetes knows of. */
  readonly diskTaken: number
}

/** The disks of a node: layers of containers lie with the images. */
export function layoutOf({ imageDisk }: NodeRoom): FilesystemLayout {
  return imageDisk === undefined ? ONE_FILESYSTEM : { dedicatedImageFs: true, splitContainerFs: false }
}

/** What the kubelet of a node sees of it. */
export function observeNode(
  room: NodeRoom,
  { at, system, workingSet, local, images, diskTaken }: NodeUse,
  thresholds: readonly Threshold[],
): Observations {
  const onImageDisk = room.imageDisk !== undefined
  const withImages = { disk: images + local.disk, inodes: local.inodes }
  const nodeFs = filesystem(room.disk, room.inodes, {
    disk: system.disk + (onImageDisk ? 0 : withImages.disk) + diskTaken * (room.disk ?? 0),
    inodes: system.inodes + (onImageDisk ? 0 : withImages.inodes),
  })
  const onImages = { ...withImages, disk: withImages.disk + diskTaken * (room.imageDisk ?? 0) }
  const imageFs = onImageDisk ? filesystem(room.imageDisk, room.imageInodes, onImages) : nodeFs
  const { pids } = room
  const podsLimit = podsMemoryLimit(room, hardMemory(thresholds, room.memory))
  return observationsOf({
    at,
    memory: {
      available: room.memory - system.memory - workingSet,
      workingSet: system.memory + workingSet,
    },
    allocatableMemory: { available: podsLimit - workingSet, workingSet },
    ...(nodeFs === undefined ? {} : { nodeFs }),
    ...(imageFs === undefined ? {} : { imageFs, containerFs: imageFs }),
    ...(pids === undefined ? {} : { processes: { running: system.processes + local.processes, max: pids } }),
  })
}

/** Bytes of the hard threshold of memory on a node with so much; 0 without one. */
export function hardMemory(thresholds: readonly Threshold[], capacity: number): number {
  const hard = thresholds.find((threshold) => threshold.signal === 'memory.available' && isHard(threshold))
  return hard === undefined ? 0 : amountOf(hard.value, capacity)
}

/**
 * Bytes that the pods of a node may use before any threshold of memory is met; without bound where there is none.
 */
export function calmMemory(room: NodeRoom, system: SystemUse, thresholds: readonly Threshold[]): number {
  const podsLimit = podsMemoryLimit(room, hardMemory(thresholds, room.memory))
  let calm = Number.POSITIVE_INFINITY
  for (const { signal, value } of thresholds) {
    if (signal === 'memory.available') {
      calm = Math.min(calm, room.memory - system.memory - amountOf(value, room.memory))
    } else if (signal === 'allocatableMemory.available') {
      calm = Math.min(calm, podsLimit - amountOf(value, podsLimit))
    }
  }
  return calm
}

function filesystem(
  capacity: number | undefined,
  inodes: number | undefined,
  used: { readonly disk: number; readonly inodes: number },
): { available: number; capacity: number; inodes?: number; inodesFree?: number } | undefined {
  if (capacity === undefined) return undefined
  const bytes = { available: Math.max(0, Math.floor(capacity - used.disk)), capacity }
  return inodes === undefined ? bytes : { ...bytes, inodes, inodesFree: Math.max(0, inodes - used.inodes) }
}
