import { widened } from '../base/widen.ts'
import type { Micros } from '../base/time.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import { writePlain } from './plain-text.ts'
import { COMMA } from './row-writer.ts'
import type { RowWriter } from './row-writer.ts'

/** No pod: the end of a list. */
export const NO_POD = -1

const FIRST_CAPACITY = 1024

/** Bytes of a row: what the report keeps of a pod lies side by side, as much as a cache line. */
const ROW_BYTES = 64
/** Places in a row, counted in doubles. */
const DOUBLES = ROW_BYTES / 8
const WORKING_SINCE = 0
/** In the same bytes as the two links, until there are lists. */
const JOINED = 3
/** Places in a row, counted in integers of 32 bits. */
const INTEGERS = ROW_BYTES / 4
const FLAGS = 2
const ATTEMPTS = 3
const GROUP = 4
const NODE = 5
const NEXT = 6
const PREVIOUS = 7
/**
 * Bits of the flags: the state below, then whether the pod counts as evicted; then, a byte each, the length of the name's
 * cell with its comma, and a mark.
 */
const STATE_MASK = 127
const EVICTED = 128
const NAME_LENGTH_SHIFT = 8
const NAME_MARK_SHIFT = 16
const BYTE = 255
/** Place of the name's cell in a row, counted in bytes; it ends with the row. */
const NAME = 32
/** Longest name that is kept. */
const NAME_MAX = ROW_BYTES - NAME - 1

/**
 * What the report keeps of each pod, by its row in the store: a row of numbers.
 *
 * Nothing is kept of a pod that is gone: the next pod with its row starts anew.
 */
export class PodNotes {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES)
  #integers = new Int32Array(this.#doubles.buffer)
  #bytes = new Uint8Array(this.#doubles.buffer)
  #view = new DataView(this.#doubles.buffer)
  #rowsUsed = 0

  /** Upper bound of the rows of pods that were ever noted. */
  get rowsUsed(): number {
    return this.#rowsUsed
  }

  /** A new pod has the row: no state, no attempts, on no node. */
  start(row: PodRow, group: number): void {
    if (row >= this.#rowsUsed) this.#makeRoom(row)
    const first = row * INTEGERS
    this.#integers[first + FLAGS] = 0
    this.#integers[first + ATTEMPTS] = 0
    this.#integers[first + GROUP] = group
    this.#integers[first + NODE] = NO_NODE
  }

  /** Bits of the pod's state, as `PodMeter` has them. */
  state(row: PodRow): number {
    return (this.#integers[row * INTEGERS + FLAGS] as number) & STATE_MASK
  }

  setState(row: PodRow, state: number): void {
    const place = row * INTEGERS + FLAGS
    this.#integers[place] = ((this.#integers[place] as number) & ~STATE_MASK) | state
  }

  /** Whether the pod was counted as evicted. */
  isEvicted(row: PodRow): boolean {
    return ((this.#integers[row * INTEGERS + FLAGS] as number) & EVICTED) !== 0
  }

  setEvicted(row: PodRow): void {
    const place = row * INTEGERS + FLAGS
    this.#integers[place] = (this.#integers[place] as number) | EVICTED
  }

  /** Scheduling attempts so far. */
  attempts(row: PodRow): number {
    return this.#integers[row * INTEGERS + ATTEMPTS] as number
  }

  setAttempts(row: PodRow, attempts: number): void {
    this.#integers[row * INTEGERS + ATTEMPTS] = attempts
  }

  /** Number of the pod's group among `WorkloadGroups`. */
  group(row: PodRow): number {
    return this.#integers[row * INTEGERS + GROUP] as number
  }

  /** When the pod's containers started last. */
  workingSince(row: PodRow): Micros {
    return this.#doubles[row * DOUBLES + WORKING_SINCE] as number
  }

  setWorkingSince(row: PodRow, since: Micros): void {
    this.#doubles[row * DOUBLES + WORKING_SINCE] = since
  }

  /** Node that the pod joined; `NO_NODE` for none. */
  node(row: PodRow): NodeRow {
    return this.#integers[row * INTEGERS + NODE] as NodeRow
  }

  setNode(row: PodRow, node: NodeRow): void {
    this.#integers[row * INTEGERS + NODE] = node
  }

  /** Number of the pod among all that joined a node, in order. Not with links. */
  joined(row: PodRow): number {
    return this.#doubles[row * DOUBLES + JOINED] as number
  }

  setJoined(row: PodRow, joined: number): void {
    this.#doubles[row * DOUBLES + JOINED] = joined
  }

  /** The pod after this one on its node. Takes the place of `joined`, as `previous` does. */
  next(row: PodRow): number {
    return this.#integers[row * INTEGERS + NEXT] as number
  }

  setNext(row: PodRow, next: number): void {
    this.#integers[row * INTEGERS + NEXT] = next
  }

  /** The pod before this one on its node. */
  previous(row: PodRow): number {
    return this.#integers[row * INTEGERS + PREVIOUS] as number
  }

  setPrevious(row: PodRow, previous: number): void {
    this.#integers[row * INTEGERS + PREVIOUS] = previous
  }

  /** Keeps the pod's name for its row of pods.csv, if it is short and plain, with a mark from 0 to 255; once a pod. */
  keepName(row: PodRow, name: string, mark: number): void {
    if (name.length > NAME_MAX) return
    const bytes = this.#bytes
    const first = row * ROW_BYTES + NAME
    if (!writePlain(name, bytes, first)) return
    bytes[first + name.length] = COMMA
    const kept = ((name.length + 1) << NAME_LENGTH_SHIFT) | (mark << NAME_MARK_SHIFT)
    const place = row * INTEGERS + FLAGS
    this.#integers[place] = (this.#integers[place] as number) | kept
  }

  /** Mark of the kept name; undefined where none is kept. */
  nameMark(row: PodRow): number | undefined {
    return this.#nameLength(row) === 0 ? undefined : (this.#flags(row) >> NAME_MARK_SHIFT) & BYTE
  }

  /** Writes the cell of the kept name. */
  writeName(row: PodRow, out: RowWriter): void {
    out.bytes(this.#view, row * ROW_BYTES + NAME, this.#nameLength(row))
  }

  #nameLength(row: PodRow): number {
    return (this.#flags(row) >> NAME_LENGTH_SHIFT) & BYTE
  }

  #flags(row: PodRow): number {
    return this.#integers[row * INTEGERS + FLAGS] as number
  }

  #makeRoom(row: PodRow): void {
    let capacity = this.#integers.length / INTEGERS
    while (row >= capacity) capacity *= 2
    if (capacity * INTEGERS > this.#integers.length) {
      this.#doubles = widened(this.#doubles, capacity * DOUBLES)
      this.#integers = new Int32Array(this.#doubles.buffer)
      this.#bytes = new Uint8Array(this.#doubles.buffer)
      this.#view = new DataView(this.#doubles.buffer)
    }
    this.#integers.fill(NO_NODE, this.#rowsUsed * INTEGERS, (row + 1) * INTEGERS)
    this.#rowsUsed = row + 1
  }
}
