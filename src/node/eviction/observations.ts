import type { Micros } from '../../base/time.ts'
import type { EvictionSignal } from './signals.ts'
import type { Observations, SignalObservation } from './thresholds.ts'

/** Room on a file system: bytes, and inodes where they are counted. */
export interface FilesystemRoom {
  readonly available: number
  readonly capacity: number
  readonly inodesFree?: number
  readonly inodes?: number
}

/** What a kubelet measures of its node, as far as it can. */
export interface NodeStats {
  readonly at: Micros | undefined
  /** Bytes that are free, and that are in use. */
  readonly memory?: { readonly available: number; readonly workingSet: number }
  /** The same of what pods together may use. */
  readonly allocatableMemory?: { readonly available: number; readonly workingSet: number }
  readonly nodeFs?: FilesystemRoom
  readonly imageFs?: FilesystemRoom
  readonly containerFs?: FilesystemRoom
  readonly processes?: { readonly running: number; readonly max: number }
}

/**
 * The signals of what was measured.
 *
 * Source: kubelet v1.37, eviction/helpers.go `makeSignalObservations`: capacity of memory is what is free and what is used.
 */
export function observationsOf(stats: NodeStats): Observations {
  const observations = new Map<EvictionSignal, SignalObservation>()
  const { at } = stats
  for (const [signal, memory] of [
    ['memory.available', stats.memory],
    ['allocatableMemory.available', stats.allocatableMemory],
  ] as const) {
    if (memory === undefined) continue
    const { available, workingSet } = memory
    observations.set(signal, { available, capacity: available + workingSet, at })
  }
  for (const [filesystem, room] of [
    ['nodefs', stats.nodeFs],
    ['imagefs', stats.imageFs],
    ['containerfs', stats.containerFs],
  ] as const) {
    if (room === undefined) continue
    const { available, capacity, inodesFree, inodes } = room
    observations.set(`${filesystem}.available`, { available, capacity, at })
    if (inodesFree === undefined || inodes === undefined) continue
    observations.set(`${filesystem}.inodesFree`, { available: inodesFree, capacity: inodes, at })
  }
  if (stats.processes !== undefined) {
    const { running, max } = stats.processes
    observations.set('pid.available', { available: max - running, capacity: max, at })
  }
  return observations
}
