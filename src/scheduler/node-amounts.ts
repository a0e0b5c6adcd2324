import { widened } from '../base/widen.ts'
import type { NodeIndex } from './framework/node-columns.ts'

const FIRST_CAPACITY = 256

/** Bytes of a row: what changes with the pods of a node lies side by side, in the length of a cache line. */
const ROW_BYTES = 64
/** Places in a row, counted in doubles. */
const DOUBLES = ROW_BYTES / 8
const ALLOCATABLE_CPU = 0
const ALLOCATABLE_MEMORY = 1
const ALLOCATABLE_PODS = 2
const REQUESTED_CPU = 3
const REQUESTED_MEMORY = 4
const NON_ZERO_CPU = 5
const NON_ZERO_MEMORY = 6
/** Places in a row, counted in integers of 32 bits. */
const INTEGERS = ROW_BYTES / 4
const POD_COUNT = 14
const LIST = 15

/**
 * What each node has, what the pods on it ask for, and where they are listed: a row of numbers a node. Cpu in millicores,
 * memory in bytes.
 */
export class NodeAmounts {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES)
  #integers = new Int32Array(this.#doubles.buffer)
  #capacity = FIRST_CAPACITY

  /** Nodes that there is room for: numbers of nodes are below it. */
  get capacity(): number {
    return this.#capacity
  }

  /** Makes room for a node. */
  reach(node: NodeIndex): void {
    while (node >= this.#capacity) this.#grow()
  }

  allocatableCpu(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + ALLOCATABLE_CPU] as number
  }

  allocatableMemory(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + ALLOCATABLE_MEMORY] as number
  }

  allocatablePods(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + ALLOCATABLE_PODS] as number
  }

  requestedCpu(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + REQUESTED_CPU] as number
  }

  requestedMemory(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + REQUESTED_MEMORY] as number
  }

  nonZeroCpu(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + NON_ZERO_CPU] as number
  }

  nonZeroMemory(node: NodeIndex): number {
    return this.#doubles[node * DOUBLES + NON_ZERO_MEMORY] as number
  }

  podCount(node: NodeIndex): number {
    return this.#integers[node * INTEGERS + POD_COUNT] as number
  }

  /** What `NodePods` notes of the node's list of pods; 0 before it has one. */
  list(node: NodeIndex): number {
    return this.#integers[node * INTEGERS + LIST] as number
  }

  setAllocatable(
    node: NodeIndex,
    amounts: { readonly cpu: number; readonly memory: number; readonly pods: number },
  ): void {
    const first = node * DOUBLES
    this.#doubles[first + ALLOCATABLE_CPU] = amounts.cpu
    this.#doubles[first + ALLOCATABLE_MEMORY] = amounts.memory
    this.#doubles[first + ALLOCATABLE_PODS] = amounts.pods
  }

  setPodCount(node: NodeIndex, count: number): void {
    this.#integers[node * INTEGERS + POD_COUNT] = count
  }

  setList(node: NodeIndex, list: number): void {
    this.#integers[node * INTEGERS + LIST] = list
  }

  /** Adds to what the pods of the node ask for. */
  addRequested(node: NodeIndex, cpu: number, memory: number): void {
    const doubles = this.#doubles
    const first = node * DOUBLES
    doubles[first + REQUESTED_CPU] = (doubles[first + REQUESTED_CPU] as number) + cpu
    doubles[first + REQUESTED_MEMORY] = (doubles[first + REQUESTED_MEMORY] as number) + memory
  }

  /** Adds to what they count for when nodes are scored. */
  addNonZero(node: NodeIndex, cpu: number, memory: number): void {
    const doubles = this.#doubles
    const first = node * DOUBLES
    doubles[first + NON_ZERO_CPU] = (doubles[first + NON_ZERO_CPU] as number) + cpu
    doubles[first + NON_ZERO_MEMORY] = (doubles[first + NON_ZERO_MEMORY] as number) + memory
  }

  #grow(): void {
    this.#capacity *= 2
    this.#doubles = widened(this.#doubles, this.#capacity * DOUBLES)
    this.#integers = new Int32Array(this.#doubles.buffer)
  }
}
