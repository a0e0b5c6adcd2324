import { widened } from '../base/widen.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow, TemplateId } from '../cluster/rows.ts'

const FIRST_CAPACITY = 1024

/** Bytes of a row: what is counted for a pod lies side by side, as a pod that ends has long left the caches. */
const ROW_BYTES = 32
/** Places in a row, counted in doubles. */
const DOUBLES = ROW_BYTES / 8
const CPU = 0
const MEMORY = 1
/** Places in a row, counted in integers of 32 bits. */
const INTEGERS = ROW_BYTES / 4
/** The node, plus 1: 0 for a pod on no node. */
const NODE_ABOVE = 4
const PLACE = 5
const DEVICES = 6
const TEMPLATE = 7

/** Where the scheduler's view has each pod, and what was counted for it there: a row of numbers a pod. */
export class Placements {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES)
  #integers = new Int32Array(this.#doubles.buffer)
  #capacity = FIRST_CAPACITY

  nodeOf(pod: PodRow): NodeRow {
    if (pod >= this.#capacity) return NO_NODE
    return ((this.#integers[pod * INTEGERS + NODE_ABOVE] as number) - 1) as NodeRow
  }

  /** Place of a placed pod in the list of its node. */
  placeOf(pod: PodRow): number {
    return this.#integers[pod * INTEGERS + PLACE] as number
  }

  /** Template that a placed pod had when it was counted. */
  templateOf(pod: PodRow): TemplateId {
    return this.#integers[pod * INTEGERS + TEMPLATE] as TemplateId
  }

  /** Millicores that were counted for a placed pod. */
  cpuOf(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + CPU] as number
  }

  /** Bytes that were counted for a placed pod. */
  memoryOf(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + MEMORY] as number
  }

  /** Mask of the devices set aside for a placed pod; 0 for a pod that was never placed. */
  devicesOf(pod: PodRow): number {
    return pod < this.#capacity ? (this.#integers[pod * INTEGERS + DEVICES] as number) >>> 0 : 0
  }

  /** Puts a pod on a node, in a place of the node's list, with a mask of devices. */
  place(pod: PodRow, node: NodeRow, place: number, devices: number): void {
    while (pod >= this.#capacity) this.#grow()
    const first = pod * INTEGERS
    this.#integers[first + NODE_ABOVE] = node + 1
    this.#integers[first + PLACE] = place
    this.#integers[first + DEVICES] = devices
  }

  /** What is counted for a placed pod: the template, millicores, bytes. */
  setSize(pod: PodRow, template: TemplateId, cpu: number, memory: number): void {
    this.#integers[pod * INTEGERS + TEMPLATE] = template
    this.#doubles[pod * DOUBLES + CPU] = cpu
    this.#doubles[pod * DOUBLES + MEMORY] = memory
  }

  /** A placed pod has another place in the list of its node. */
  setPlace(pod: PodRow, place: number): void {
    this.#integers[pod * INTEGERS + PLACE] = place
  }

  unplace(pod: PodRow): void {
    this.#integers[pod * INTEGERS + NODE_ABOVE] = 0
  }

  #grow(): void {
    this.#capacity *= 2
    this.#doubles = widened(this.#doubles, this.#capacity * DOUBLES)
    this.#integers = new Int32Array(this.#doubles.buffer)
  }
}
