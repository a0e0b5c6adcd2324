/** What a kubelet measures of its node to see whether it runs short (kubelet v1.37, eviction/api/types.go). */
export type EvictionSignal =
  | 'memory.available'
  | 'allocatableMemory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'containerfs.available'
  | 'containerfs.inodesFree'
  | 'pid.available'

/** What a node runs short of, as messages name it. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'

/** Conditions of a node that runs short. */
export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

interface SignalMeaning {
  readonly resource: StarvedResource
  readonly condition: PressureCondition
}

const MEMORY: SignalMeaning = { resource: 'memory', condition: 'MemoryPressure' }
const DISK: SignalMeaning = { resource: 'ephemeral-storage', condition: 'DiskPressure' }
const INODES: SignalMeaning = { resource: 'inodes', condition: 'DiskPressure' }

const MEANINGS: Readonly<Record<EvictionSignal, SignalMeaning>> = {
  'memory.available': MEMORY,
  'allocatableMemory.available': MEMORY,
  'nodefs.available': DISK,
  'nodefs.inodesFree': INODES,
  'imagefs.available': DISK,
  'imagefs.inodesFree': INODES,
  'containerfs.available': DISK,
  'containerfs.inodesFree': INODES,
  'pid.available': { resource: 'pids', condition: 'PIDPressure' },
}

/** Whether a kubelet knows a signal of this name. */
export function isEvictionSignal(text: string): text is EvictionSignal {
  return Object.hasOwn(MEANINGS, text)
}

/** What a node is short of when this signal is low. */
export function resourceOf(signal: EvictionSignal): StarvedResource {
  return MEANINGS[signal].resource
}

/** The condition of a node on which this signal is low. */
export function conditionOf(signal: EvictionSignal): PressureCondition {
  return MEANINGS[signal].condition
}
