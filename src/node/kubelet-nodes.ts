import { widened } from '../base/widen.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { NO_POD } from './kubelet-pods.ts'

const FIRST_CAPACITY = 256

/** Bytes of a row: a cache line. */
const ROW_BYTES = 64
/** Places in a row, counted in doubles. */
const DOUBLES = ROW_BYTES / 8
const FREE_CPU = 0
const FREE_MEMORY = 1
const FREE_PODS = 2
const CPU = 3
const MEMORY = 4
const MEMORY_BOUND = 5
/** Places in a row, counted in integers of 32 bits. */
const INTEGERS = ROW_BYTES / 4
const FIRST_POD = 12
const LAST_POD = 13
const ROOM_SEEN = 14
const FLAGS = 15
/** Bits of the flags: those of pressure below, then whether its cpu is watched. */
const PRESSURE = 255
const CPU_WATCHED = 256

/** What the kubelet of each node keeps of the node: a row of numbers. A node that nobody told of is empty. */
export class KubeletNodes {
  #doubles = new Float64Array(0)
  #integers = new Int32Array(0)
  #capacity = 0

  constructor() {
    this.#widen(FIRST_CAPACITY)
  }

  /** Makes sure that the node has a row. All but the sums of what is in use may be asked only of nodes that have one. */
  cover(node: NodeRow): void {
    while (node >= this.#capacity) this.#widen(this.#capacity * 2)
  }

  /** Millicores that its pods have left to ask for; below 0 when they ask for more than there is. */
  freeCpu(node: NodeRow): number {
    return this.#doubles[node * DOUBLES + FREE_CPU] as number
  }

  /** Bytes that its pods have left to ask for; may be below 0. */
  freeMemory(node: NodeRow): number {
    return this.#doubles[node * DOUBLES + FREE_MEMORY] as number
  }

  /** How many more pods it may have; may be below 0. */
  freePods(node: NodeRow): number {
    return this.#doubles[node * DOUBLES + FREE_PODS] as number
  }

  /** Adds to what its pods have left to ask for, or takes from it. */
  addFree(node: NodeRow, cpu: number, memory: number, pods: number): void {
    const doubles = this.#doubles
    const first = node * DOUBLES
    doubles[first + FREE_CPU] = (doubles[first + FREE_CPU] as number) + cpu
    doubles[first + FREE_MEMORY] = (doubles[first + FREE_MEMORY] as number) + memory
    doubles[first + FREE_PODS] = (doubles[first + FREE_PODS] as number) + pods
  }

  /** How many writes of Nodes there had been when its room was last looked at; 0: it was not. */
  roomSeen(node: NodeRow): number {
    return this.#integers[node * INTEGERS + ROOM_SEEN] as number
  }

  setRoomSeen(node: NodeRow, writes: number): void {
    this.#integers[node * INTEGERS + ROOM_SEEN] = writes
  }

  /** Why its kubelet takes only some pods, or none: bits that `NodeAdmission` gives meaning; 0: it takes all. */
  pressure(node: NodeRow): number {
    return (this.#integers[node * INTEGERS + FLAGS] as number) & PRESSURE
  }

  setPressure(node: NodeRow, bits: number): void {
    const place = node * INTEGERS + FLAGS
    this.#integers[place] = ((this.#integers[place] as number) & ~PRESSURE) | bits
  }

  /** Whether somebody wants to know when what its running pods asked for changes. */
  isCpuWatched(node: NodeRow): boolean {
    return ((this.#integers[node * INTEGERS + FLAGS] as number) & CPU_WATCHED) !== 0
  }

  setCpuWatched(node: NodeRow, isWatched: boolean): void {
    const place = node * INTEGERS + FLAGS
    const others = (this.#integers[place] as number) & ~CPU_WATCHED
    this.#integers[place] = isWatched ? others | CPU_WATCHED : others
  }

  /** The first of its pods, or `NO_POD`. */
  firstPod(node: NodeRow): PodRow {
    return this.#integers[node * INTEGERS + FIRST_POD] as PodRow
  }

  setFirstPod(node: NodeRow, pod: PodRow): void {
    this.#integers[node * INTEGERS + FIRST_POD] = pod
  }

  /** The last of its pods, or `NO_POD`. */
  lastPod(node: NodeRow): PodRow {
    return this.#integers[node * INTEGERS + LAST_POD] as PodRow
  }

  setLastPod(node: NodeRow, pod: PodRow): void {
    this.#integers[node * INTEGERS + LAST_POD] = pod
  }

  /** Bytes in use by its pods. */
  memory(node: NodeRow): number {
    return node < this.#capacity ? (this.#doubles[node * DOUBLES + MEMORY] as number) : 0
  }

  setMemory(node: NodeRow, bytes: number): void {
    this.#doubles[node * DOUBLES + MEMORY] = bytes
  }

  /** Bytes in use up to which nobody needs to be alarmed; NaN while nobody said. */
  memoryBound(node: NodeRow): number {
    return this.#doubles[node * DOUBLES + MEMORY_BOUND] as number
  }

  setMemoryBound(node: NodeRow, bytes: number): void {
    this.#doubles[node * DOUBLES + MEMORY_BOUND] = bytes
  }

  /** Millicores that its running pods asked for. */
  cpu(node: NodeRow): number {
    return node < this.#capacity ? (this.#doubles[node * DOUBLES + CPU] as number) : 0
  }

  addCpu(node: NodeRow, milli: number): void {
    const place = node * DOUBLES + CPU
    this.#doubles[place] = (this.#doubles[place] as number) + milli
  }

  #widen(capacity: number): void {
    const before = this.#capacity
    this.#capacity = capacity
    this.#doubles = widened(this.#doubles, capacity * DOUBLES)
    this.#integers = new Int32Array(this.#doubles.buffer)
    for (let index = before; index < capacity; index++) {
      this.#doubles[index * DOUBLES + MEMORY_BOUND] = Number.NaN
      this.#integers[index * INTEGERS + FIRST_POD] = NO_POD
      this.#integers[index * INTEGERS + LAST_POD] = NO_POD
    }
  }
}
