import { quantityValue } from '../api/quantity.ts'
import type { Node, Quantity } from '../api/types.generated.ts'

/** Annotations of a Node for what its status has no place for; ours. */
export const ROOM_ANNOTATIONS = {
  /** Inodes of its disk. */
  inodes: 'stowage.dev/inodes',
  /** Bytes of a disk of their own for images and the layers of containers. */
  imageDisk: 'stowage.dev/image-disk',
  /** Inodes of that disk. */
  imageInodes: 'stowage.dev/image-inodes',
  /** How many processes it can have. */
  pids: 'stowage.dev/pids',
} as const

/** What a node has, as its kubelet measures it; what nobody said is undefined. */
export interface NodeRoom {
  /** Bytes of memory. */
  readonly memory: number
  /** Bytes of memory that pods have been promised; undefined: all. */
  readonly allocatableMemory: number | undefined
  readonly disk: number | undefined
  readonly inodes: number | undefined
  readonly imageDisk: number | undefined
  readonly imageInodes: number | undefined
  readonly pids: number | undefined
}

/** What a Node has by its status and annotations. */
export function nodeRoom({ metadata, status }: Node): NodeRoom {
  const annotations = metadata?.annotations ?? {}
  const { capacity, allocatable } = status ?? {}
  return {
    memory: amount(capacity?.['memory'] ?? allocatable?.['memory']) ?? 0,
    allocatableMemory: amount(allocatable?.['memory']),
    disk: amount(capacity?.['ephemeral-storage'] ?? allocatable?.['ephemeral-storage']),
    inodes: amount(annotations[ROOM_ANNOTATIONS.inodes]),
    imageDisk: amount(annotations[ROOM_ANNOTATIONS.imageDisk]),
    imageInodes: amount(annotations[ROOM_ANNOTATIONS.imageInodes]),
    pids: amount(annotations[ROOM_ANNOTATIONS.pids]),
  }
}

function amount(text: Quantity | undefined): number | undefined {
  return text === undefined ? undefined : quantityValue(text)
}

/**
 * Bytes that the pods of a node may use together: what they have been promised and the hard threshold of memory, which was
 * taken off it; never more than there is.
 *
 * Source: kubelet v1.37, cm/node_container_manager_linux.go `getNodeAllocatableAbsolute`: the limit of the pods' cgroup
 * leaves out what is reserved, and not the threshold.
 */
export function podsMemoryLimit({ memory, allocatableMemory }: NodeRoom, hardThreshold: number): number {
  return allocatableMemory === undefined ? memory : Math.min(memory, allocatableMemory + hardThreshold)
}
