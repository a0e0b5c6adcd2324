import { assert } from '../base/assert.ts'
import { widened } from '../base/widen.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'

export const PHASE_PENDING = 0
export const PHASE_RUNNING = 1
export const PHASE_SUCCEEDED = 2
export const PHASE_FAILED = 3
export const PHASE_UNKNOWN = 4

/** `status.phase` by the number in the phase column. */
export const PHASE_NAMES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const

/** Whoever makes pods again when they are lost: names them, and is what reports group by. */
export interface PodOwner {
  /** Kind of the owner: `Task` for a row of a trace, or a Kubernetes kind. */
  readonly kind: string
  readonly name: string
  /** Name of the pod in place `ordinal`, made for the `attempt`-th time (0 the first). */
  podName(ordinal: number, attempt: number): string
}

/** No such instant yet, in the time columns. */
export const NO_TIME = -1

const FIRST_CAPACITY = 1024

/**
 * The columns of all pods in the store: row i of each column is one pod; rows of deleted pods are used again.
 *
 * Only `PodStore` writes. Columns are replaced when they grow: read `table.cpu[row]`, never keep the array.
 */
export class PodTable {
  /** Number of the pod in order of creation, from 1; 0 for a row that holds none. */
  serial = new Float64Array(FIRST_CAPACITY)
  template = new Int32Array(FIRST_CAPACITY)
  /** Effective cpu request in millicores. */
  cpu = new Float64Array(FIRST_CAPACITY)
  /** Effective memory request in bytes. */
  memory = new Float64Array(FIRST_CAPACITY)
  priority = new Int32Array(FIRST_CAPACITY)
  node = new Int32Array(FIRST_CAPACITY)
  nominatedNode = new Int32Array(FIRST_CAPACITY)
  phase = new Uint8Array(FIRST_CAPACITY)
  ready = new Uint8Array(FIRST_CAPACITY)
  /** 1 once the pod is out of the store, while its row waits for the last watcher. */
  removed = new Uint8Array(FIRST_CAPACITY)
  /** `metadata.resourceVersion`: the revision of the last write. */
  revision = new Float64Array(FIRST_CAPACITY)
  ordinal = new Int32Array(FIRST_CAPACITY)
  /** How many times this pod's place was filled before: 0 for the first. */
  attempt = new Uint32Array(FIRST_CAPACITY)
  /** Bit i is set when GPU i of the node is this pod's, wholly or in part. */
  devices = new Uint32Array(FIRST_CAPACITY)
  createdAt = new Float64Array(FIRST_CAPACITY)
  boundAt = new Float64Array(FIRST_CAPACITY)
  runningAt = new Float64Array(FIRST_CAPACITY)
  readyAt = new Float64Array(FIRST_CAPACITY)
  finishedAt = new Float64Array(FIRST_CAPACITY)
  /** When deletion was asked for; `NO_TIME` if it was not. */
  deletingAt = new Float64Array(FIRST_CAPACITY)
  /** Granted grace period of the deletion, in microseconds. */
  grace = new Float64Array(FIRST_CAPACITY)
  /** Run time of its container once started, in microseconds; `NEVER` runs on. The behaviour part of the pod. */
  duration = new Float64Array(FIRST_CAPACITY)
  /** Memory that it uses at its peak, in bytes; -1 when nobody said. The behaviour part of the pod. */
  usedMemory = new Float64Array(FIRST_CAPACITY)
  /** Why it finished or is being deleted, as `status.reason` says it; empty when nothing was said. */
  reason: string[] = []
  owner: (PodOwner | undefined)[] = []
  #capacity = FIRST_CAPACITY
  #rowsUsed = 0
  #free: PodRow[] = []
  #nextSerial = 1

  /** Upper bound of rows ever used: loops over all pods go below it and skip serial 0. */
  get rowsUsed(): number {
    return this.#rowsUsed
  }

  /** Takes a row for a new pod, all columns at their start values. */
  allocate(): PodRow {
    const row = this.#free.pop() ?? this.#appendRow()
    this.serial[row] = this.#nextSerial++
    this.node[row] = NO_NODE
    this.nominatedNode[row] = NO_NODE
    this.phase[row] = PHASE_PENDING
    this.ready[row] = 0
    this.removed[row] = 0
    this.devices[row] = 0
    this.boundAt[row] = NO_TIME
    this.runningAt[row] = NO_TIME
    this.readyAt[row] = NO_TIME
    this.finishedAt[row] = NO_TIME
    this.deletingAt[row] = NO_TIME
    this.grace[row] = 0
    this.reason[row] = ''
    return row
  }

  /** Gives a row back; nobody may look at the pod any more. */
  release(row: PodRow): void {
    assert(this.serial[row] !== 0, () => `pod row ${row} is already free`)
    this.serial[row] = 0
    this.owner[row] = undefined
    this.reason[row] = ''
    this.#free.push(row)
  }

  #appendRow(): PodRow {
    if (this.#rowsUsed === this.#capacity) this.#grow()
    return this.#rowsUsed++ as PodRow
  }

  #grow(): void {
    this.#capacity *= 2
    const capacity = this.#capacity
    this.serial = widened(this.serial, capacity)
    this.template = widened(this.template, capacity)
    this.cpu = widened(this.cpu, capacity)
    this.memory = widened(this.memory, capacity)
    this.priority = widened(this.priority, capacity)
    this.node = widened(this.node, capacity)
    this.nominatedNode = widened(this.nominatedNode, capacity)
    this.phase = widened(this.phase, capacity)
    this.ready = widened(this.ready, capacity)
    this.removed = widened(this.removed, capacity)
    this.revision = widened(this.revision, capacity)
    this.ordinal = widened(this.ordinal, capacity)
    this.attempt = widened(this.attempt, capacity)
    this.devices = widened(this.devices, capacity)
    this.createdAt = widened(this.createdAt, capacity)
    this.boundAt = widened(this.boundAt, capacity)
    this.runningAt = widened(this.runningAt, capacity)
    this.readyAt = widened(this.readyAt, capacity)
    this.finishedAt = widened(this.finishedAt, capacity)
    this.deletingAt = widened(this.deletingAt, capacity)
    this.grace = widened(this.grace, capacity)
    this.duration = widened(this.duration, capacity)
    this.usedMemory = widened(this.usedMemory, capacity)
  }
}
