import { widened } from '../base/widen.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow, TemplateId } from '../cluster/rows.ts'

/** No kubelet has the pod. */
export const ABSENT = 0
export const STARTING = 1
export const RUNNING = 2
export const STOPPING = 3
/** The machine is down: nothing of the pod runs, and nobody has said so. */
export const LOST = 4
/** Its containers have ended, and the API server has not heard of it. */
export const ENDED = 5

/** No timer. */
export const NO_TIMER = -1

/** No pod: the end of a list. */
export const NO_POD = -1 as PodRow

const FIRST_CAPACITY = 1024

/** Bytes of a row: a cache line, for a pod that ends has long left the caches. */
const ROW_BYTES = 64
/** Places in a row, counted in doubles. */
const DOUBLES = ROW_BYTES / 8
const TIMER = 0
const STARTED_AT = 1
const MEMORY = 2
const CPU = 3
const RISE_TIMER = 4
/** One place: a pod that stops has no rise before it. */
const PEAK = 5
const STOPS_AT = 5
/** Places in a row, counted in integers of 32 bits. */
const INTEGERS = ROW_BYTES / 4
const NODE = 12
const FLAGS = 13
const NEXT = 14
const PREVIOUS = 15
/**
 * Bits of the flags: the state below, then whether it is admitted, whether it has a worker, and the template by which its
 * node has allocated what it asked for.
 */
const STATE_MASK = 7
const ADMITTED = 8
const WORKED = 16
const TEMPLATE_SHIFT = 5

/**
 * What the kubelets keep of each pod that they have: a row of numbers. All but `state` and `memory` may be asked only of
 * pods that came (`enter`) and are not `ABSENT` again.
 */
export class KubeletPods {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES)
  #integers = new Int32Array(this.#doubles.buffer)
  #capacity = FIRST_CAPACITY

  /** Makes the row of a pod that comes to a node: nothing runs, nothing is used, it is on no list. */
  enter(pod: PodRow, node: NodeRow, template: TemplateId): void {
    while (pod >= this.#capacity) this.#grow()
    const doubles = this.#doubles
    const first = pod * DOUBLES
    doubles[first + TIMER] = NO_TIMER
    doubles[first + STARTED_AT] = NO_TIME
    doubles[first + MEMORY] = 0
    doubles[first + CPU] = 0
    doubles[first + RISE_TIMER] = NO_TIMER
    const integers = this.#integers
    const second = pod * INTEGERS
    integers[second + NODE] = node
    integers[second + FLAGS] = ABSENT | (template << TEMPLATE_SHIFT)
    integers[second + NEXT] = NO_POD
    integers[second + PREVIOUS] = NO_POD
  }

  /** `ABSENT` for a pod that never came. */
  state(pod: PodRow): number {
    return pod < this.#capacity ? (this.#integers[pod * INTEGERS + FLAGS] as number) & STATE_MASK : ABSENT
  }

  setState(pod: PodRow, state: number): void {
    const place = pod * INTEGERS + FLAGS
    this.#integers[place] = ((this.#integers[place] as number) & ~STATE_MASK) | state
  }

  /** Whether it counts among the pods that its node was to run. */
  isAdmitted(pod: PodRow): boolean {
    return ((this.#integers[pod * INTEGERS + FLAGS] as number) & ADMITTED) !== 0
  }

  setAdmitted(pod: PodRow, isAdmitted: boolean): void {
    const place = pod * INTEGERS + FLAGS
    const others = (this.#integers[place] as number) & ~ADMITTED
    this.#integers[place] = isAdmitted ? others | ADMITTED : others
  }

  /** Whether a worker looks after it. */
  isWorked(pod: PodRow): boolean {
    return ((this.#integers[pod * INTEGERS + FLAGS] as number) & WORKED) !== 0
  }

  setWorked(pod: PodRow): void {
    const place = pod * INTEGERS + FLAGS
    this.#integers[place] = (this.#integers[place] as number) | WORKED
  }

  /** The template by which what it asked for is allocated: another than its own while a resize of it waits. */
  template(pod: PodRow): TemplateId {
    return ((this.#integers[pod * INTEGERS + FLAGS] as number) >>> TEMPLATE_SHIFT) as TemplateId
  }

  setTemplate(pod: PodRow, template: TemplateId): void {
    const place = pod * INTEGERS + FLAGS
    const others = (this.#integers[place] as number) & ((1 << TEMPLATE_SHIFT) - 1)
    this.#integers[place] = others | (template << TEMPLATE_SHIFT)
  }

  node(pod: PodRow): NodeRow {
    return this.#integers[pod * INTEGERS + NODE] as NodeRow
  }

  /** The pod after this one on its node, or `NO_POD`. */
  next(pod: PodRow): PodRow {
    return this.#integers[pod * INTEGERS + NEXT] as PodRow
  }

  setNext(pod: PodRow, next: PodRow): void {
    this.#integers[pod * INTEGERS + NEXT] = next
  }

  /** The pod before this one on its node, or `NO_POD`. */
  previous(pod: PodRow): PodRow {
    return this.#integers[pod * INTEGERS + PREVIOUS] as PodRow
  }

  setPrevious(pod: PodRow, previous: PodRow): void {
    this.#integers[pod * INTEGERS + PREVIOUS] = previous
  }

  /** The one timer that moves the pod on, start, end or stop, or `NO_TIMER`. */
  timer(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + TIMER] as number
  }

  setTimer(pod: PodRow, timer: number): void {
    this.#doubles[pod * DOUBLES + TIMER] = timer
  }

  /** The timer of the rise of its memory, or `NO_TIMER`. */
  riseTimer(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + RISE_TIMER] as number
  }

  setRiseTimer(pod: PodRow, timer: number): void {
    this.#doubles[pod * DOUBLES + RISE_TIMER] = timer
  }

  /** When the containers started that run now, or `NO_TIME`. */
  startedAt(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + STARTED_AT] as number
  }

  setStartedAt(pod: PodRow, at: number): void {
    this.#doubles[pod * DOUBLES + STARTED_AT] = at
  }

  /** Bytes that it will use from the rise on; meaningful while `riseTimer` is. */
  peak(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + PEAK] as number
  }

  setPeak(pod: PodRow, bytes: number): void {
    this.#doubles[pod * DOUBLES + PEAK] = bytes
  }

  /** When its containers will have ended, while it is `STOPPING`; when they had, while it is `ENDED`. */
  stopsAt(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + STOPS_AT] as number
  }

  setStopsAt(pod: PodRow, at: number): void {
    this.#doubles[pod * DOUBLES + STOPS_AT] = at
  }

  /** Bytes in use; 0 for a pod that never came. */
  memory(pod: PodRow): number {
    return pod < this.#capacity ? (this.#doubles[pod * DOUBLES + MEMORY] as number) : 0
  }

  setMemory(pod: PodRow, bytes: number): void {
    this.#doubles[pod * DOUBLES + MEMORY] = bytes
  }

  /** Millicores that it asked for, while it runs; else 0. */
  cpu(pod: PodRow): number {
    return this.#doubles[pod * DOUBLES + CPU] as number
  }

  setCpu(pod: PodRow, milli: number): void {
    this.#doubles[pod * DOUBLES + CPU] = milli
  }

  #grow(): void {
    this.#capacity *= 2
    this.#doubles = widened(this.#doubles, this.#capacity * DOUBLES)
    this.#integers = new Int32Array(this.#doubles.buffer)
  }
}
