import { InvariantError } from '../base/assert.ts'
import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'
import { NameSlots } from './name-slots.ts'
import type { PodDraft } from './pod-draft.ts'
import { NO_NODE } from './rows.ts'
import type { NodeRow, PodRow, TemplateId } from './rows.ts'
import { TASK, TaskOwner } from './task-owner.ts'
import type { TemplateInfo } from './template-registry.ts'

export const PHASE_PENDING = 0
export const PHASE_RUNNING = 1
export const PHASE_SUCCEEDED = 2
export const PHASE_FAILED = 3
export const PHASE_UNKNOWN = 4

/** `status.phase` by the number that `PodTable.phase` gives. */
export const PHASE_NAMES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const

/** Whoever makes pods again when they are lost: names those that have no name of their own, and is what reports group by. */
export interface PodOwner {
  /** Kind of the owner: `Task` for a row of a trace, or a Kubernetes kind. */
  readonly kind: string
  readonly name: string
  /** Name of the pod in place `ordinal`, made for the `attempt`-th time (0 the first). */
  podName(ordinal: number, attempt: number): string
}

/** No such instant yet. */
export const NO_TIME = -1

const FIRST_CAPACITY = 1024

/** Bytes of a row. All that is known of a pod lies side by side: it is in two cache lines, not in two dozen. */
const ROW_BYTES = 128
/** Places in a row, counted in doubles. */
const DOUBLES = ROW_BYTES / 8
const CPU = 0
const MEMORY = 1
const CREATED_AT = 2
const BOUND_AT = 3
const RUNNING_AT = 4
const FINISHED_AT = 5
const DELETING_AT = 6
const DURATION = 7
const USED_MEMORY = 8
const READY_AT = 9
const REVISION = 10
/** Places in a row, counted in integers of 32 bits. */
const INTEGERS = ROW_BYTES / 4
const SERIAL = 22
const TEMPLATE = 23
const PRIORITY = 24
const NODE = 25
const NOMINATED_NODE = 26
const ORDINAL = 27
const ATTEMPT = 28
const DEVICES = 29
const FLAGS = 30
const REASON = 31
/**
 * Bits of the flags: the phase below, then whether it is ready, whether it is out of the store, whether it is the only pod of a
 * task, whether its owner is there as an object, and the number of the owner's kind.
 */
const PHASE_MASK = 7
const READY = 8
const REMOVED = 16
const ONLY_POD = 32
const HAS_OWNER = 64
const OWNER_KIND_SHIFT = 8

/**
 * All pods in the store: a row of numbers each; rows of deleted pods are used again.
 *
 * Only `PodStore` writes.
 */
export class PodTable {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES)
  #integers = new Int32Array(this.#doubles.buffer)
  /** Granted grace period of a deletion; meaningful while `deletingAt` is. */
  #grace = new Float64Array(FIRST_CAPACITY)
  readonly #owner: (PodOwner | undefined)[] = []
  /** Kinds of owners, by number; 0 is for pods without one. */
  readonly #ownerKinds: string[] = ['', TASK]
  readonly #taskNames = new NameSlots()
  readonly #reasons: string[] = ['']
  readonly #reasonNumbers = new Map<string, number>([['', 0]])
  #capacity = FIRST_CAPACITY
  #rowsUsed = 0
  readonly #free: PodRow[] = []
  #nextSerial = 1

  /** Upper bound of rows ever used: loops over all pods go below it and skip serial 0. */
  get rowsUsed(): number {
    return this.#rowsUsed
  }

  /** Rows of the pods in the store, ascending; O(rows). */
  *stored(): Generator<PodRow> {
    for (let index = 0; index < this.#rowsUsed; index++) {
      const row = index as PodRow
      if (this.serial(row) !== 0 && !this.isRemoved(row)) yield row
    }
  }

  /** How many pods in the store are on no node; O(rows). */
  countPending(): number {
    let pending = 0
    for (const row of this.stored()) if (this.node(row) === NO_NODE) pending += 1
    return pending
  }

  /** Number of the pod in order of creation, from 1; 0 for a row that holds none. */
  serial(row: PodRow): number {
    return row < this.#rowsUsed ? (this.#integers[row * INTEGERS + SERIAL] as number) : 0
  }

  template(row: PodRow): TemplateId {
    return this.#integers[row * INTEGERS + TEMPLATE] as TemplateId
  }

  /** Effective cpu request in millicores. */
  cpu(row: PodRow): number {
    return this.#doubles[row * DOUBLES + CPU] as number
  }

  /** Effective memory request in bytes. */
  memory(row: PodRow): number {
    return this.#doubles[row * DOUBLES + MEMORY] as number
  }

  priority(row: PodRow): number {
    return this.#integers[row * INTEGERS + PRIORITY] as number
  }

  node(row: PodRow): NodeRow {
    return this.#integers[row * INTEGERS + NODE] as NodeRow
  }

  nominatedNode(row: PodRow): NodeRow {
    return this.#integers[row * INTEGERS + NOMINATED_NODE] as NodeRow
  }

  phase(row: PodRow): number {
    return (this.#integers[row * INTEGERS + FLAGS] as number) & PHASE_MASK
  }

  isReady(row: PodRow): boolean {
    return ((this.#integers[row * INTEGERS + FLAGS] as number) & READY) !== 0
  }

  /** Whether the pod is out of the store, while its row waits for the last watcher. */
  isRemoved(row: PodRow): boolean {
    return ((this.#integers[row * INTEGERS + FLAGS] as number) & REMOVED) !== 0
  }

  /** Whether the pod has ended, in phase Succeeded or Failed. */
  isFinished(row: PodRow): boolean {
    const phase = this.phase(row)
    return phase === PHASE_SUCCEEDED || phase === PHASE_FAILED
  }

  /** `metadata.resourceVersion`: the revision of the last write. */
  revision(row: PodRow): number {
    return this.#doubles[row * DOUBLES + REVISION] as number
  }

  ordinal(row: PodRow): number {
    return this.#integers[row * INTEGERS + ORDINAL] as number
  }

  /** How many times this pod's place was filled before: 0 for the first. */
  attempt(row: PodRow): number {
    return this.#integers[row * INTEGERS + ATTEMPT] as number
  }

  /** Bit i is set when GPU i of the node is this pod's, wholly or in part. */
  devices(row: PodRow): number {
    return (this.#integers[row * INTEGERS + DEVICES] as number) >>> 0
  }

  createdAt(row: PodRow): number {
    return this.#doubles[row * DOUBLES + CREATED_AT] as number
  }

  /** When it was bound; `NO_TIME` before, as for the other instants. */
  boundAt(row: PodRow): number {
    return this.#doubles[row * DOUBLES + BOUND_AT] as number
  }

  runningAt(row: PodRow): number {
    return this.#doubles[row * DOUBLES + RUNNING_AT] as number
  }

  readyAt(row: PodRow): number {
    return this.#doubles[row * DOUBLES + READY_AT] as number
  }

  finishedAt(row: PodRow): number {
    return this.#doubles[row * DOUBLES + FINISHED_AT] as number
  }

  /** When deletion was asked for; `NO_TIME` if it was not. */
  deletingAt(row: PodRow): number {
    return this.#doubles[row * DOUBLES + DELETING_AT] as number
  }

  /** Granted grace period of the deletion, in microseconds; 0 while none was asked for. */
  grace(row: PodRow): number {
    return this.deletingAt(row) === NO_TIME ? 0 : (this.#grace[row] as number)
  }

  /** Run time of its container once started, in microseconds; `NEVER` runs on. The behaviour part of the pod. */
  duration(row: PodRow): number {
    return this.#doubles[row * DOUBLES + DURATION] as number
  }

  /** Memory that it uses at its peak, in bytes; -1 when nobody said. The behaviour part of the pod. */
  usedMemory(row: PodRow): number {
    return this.#doubles[row * DOUBLES + USED_MEMORY] as number
  }

  /** Why it finished or is being deleted, as `status.reason` says it; empty when nothing was said. */
  reason(row: PodRow): string {
    return this.#reasons[this.#integers[row * INTEGERS + REASON] as number] as string
  }

  /** The owner; that of a task's only pod is made when somebody asks for it. */
  owner(row: PodRow): PodOwner | undefined {
    const place = row * INTEGERS + FLAGS
    const flags = this.#integers[place] as number
    if ((flags & HAS_OWNER) !== 0) return this.#owner[row]
    if ((flags & ONLY_POD) === 0) return undefined
    this.#integers[place] = flags | HAS_OWNER
    return (this.#owner[row] = new TaskOwner(this.#taskNames.get(row), 1))
  }

  /** Name of the task whose only pod it is, made for the first time; undefined for others. */
  taskName(row: PodRow): string | undefined {
    const isOnly = ((this.#integers[row * INTEGERS + FLAGS] as number) & ONLY_POD) !== 0
    return isOnly ? this.#taskNames.get(row) : undefined
  }

  /** Kind of the owner, empty for a pod without one; does not look at the owner, which has long left the caches. */
  ownerKind(row: PodRow): string {
    const kind = (this.#integers[row * INTEGERS + FLAGS] as number) >> OWNER_KIND_SHIFT
    return this.#ownerKinds[kind] as string
  }

  /** Takes a row for a new pod, Pending and on no node yet. */
  allocate(draft: PodDraft, info: TemplateInfo, now: Micros): PodRow {
    const row = this.#free.pop() ?? this.#appendRow()
    const doubles = this.#doubles
    const integers = this.#integers
    const first = row * DOUBLES
    doubles[first + CPU] = draft.cpu ?? info.requests.cpu
    doubles[first + MEMORY] = draft.memory ?? info.requests.memory
    doubles[first + CREATED_AT] = now
    doubles[first + BOUND_AT] = NO_TIME
    doubles[first + RUNNING_AT] = NO_TIME
    doubles[first + FINISHED_AT] = NO_TIME
    doubles[first + DELETING_AT] = NO_TIME
    doubles[first + DURATION] = draft.duration ?? NEVER
    doubles[first + USED_MEMORY] = draft.usedMemory ?? -1
    doubles[first + READY_AT] = NO_TIME
    const second = row * INTEGERS
    integers[second + SERIAL] = this.#nextSerial++
    integers[second + TEMPLATE] = draft.template
    integers[second + PRIORITY] = info.priority
    integers[second + NODE] = NO_NODE
    integers[second + NOMINATED_NODE] = NO_NODE
    integers[second + ORDINAL] = draft.ordinal ?? 0
    integers[second + ATTEMPT] = draft.attempt ?? 0
    integers[second + DEVICES] = 0
    integers[second + FLAGS] = PHASE_PENDING | this.#startOwner(row, draft)
    integers[second + REASON] = 0
    return row
  }

  /** Gives a row back; nobody may look at the pod any more. */
  release(row: PodRow): void {
    if (this.serial(row) === 0) throw new InvariantError(`pod row ${row} is already free`)
    this.#integers[row * INTEGERS + SERIAL] = 0
    if (((this.#integers[row * INTEGERS + FLAGS] as number) & HAS_OWNER) !== 0) this.#owner[row] = undefined
    this.#free.push(row)
  }

  setTemplate(row: PodRow, template: TemplateId, priority: number): void {
    this.#integers[row * INTEGERS + TEMPLATE] = template
    this.#integers[row * INTEGERS + PRIORITY] = priority
  }

  setSize(row: PodRow, cpu: number, memory: number): void {
    this.#doubles[row * DOUBLES + CPU] = cpu
    this.#doubles[row * DOUBLES + MEMORY] = memory
  }

  setNode(row: PodRow, node: NodeRow, devices: number): void {
    this.#integers[row * INTEGERS + NODE] = node
    this.#integers[row * INTEGERS + DEVICES] = devices
  }

  setNominatedNode(row: PodRow, node: NodeRow): void {
    this.#integers[row * INTEGERS + NOMINATED_NODE] = node
  }

  setPhase(row: PodRow, phase: number): void {
    const place = row * INTEGERS + FLAGS
    this.#integers[place] = ((this.#integers[place] as number) & ~PHASE_MASK) | phase
  }

  /** Sets whether the pod is ready; `at` is when it became so. */
  setReady(row: PodRow, isReady: boolean, at: number): void {
    const place = row * INTEGERS + FLAGS
    const others = (this.#integers[place] as number) & ~READY
    this.#integers[place] = isReady ? others | READY : others
    if (isReady) this.#doubles[row * DOUBLES + READY_AT] = at
  }

  setRemoved(row: PodRow): void {
    const place = row * INTEGERS + FLAGS
    this.#integers[place] = (this.#integers[place] as number) | REMOVED
  }

  setRevision(row: PodRow, revision: number): void {
    this.#doubles[row * DOUBLES + REVISION] = revision
  }

  setBoundAt(row: PodRow, at: number): void {
    this.#doubles[row * DOUBLES + BOUND_AT] = at
  }

  setRunningAt(row: PodRow, at: number): void {
    this.#doubles[row * DOUBLES + RUNNING_AT] = at
  }

  setFinishedAt(row: PodRow, at: number): void {
    this.#doubles[row * DOUBLES + FINISHED_AT] = at
  }

  setDeletion(row: PodRow, at: number, grace: number): void {
    this.#doubles[row * DOUBLES + DELETING_AT] = at
    this.#grace[row] = grace
  }

  setReason(row: PodRow, reason: string): void {
    this.#integers[row * INTEGERS + REASON] = this.#reasonNumbers.get(reason) ?? this.#newReason(reason)
  }

  /** Changes who controls the pod; undefined leaves it to itself. */
  setOwner(row: PodRow, owner: PodOwner | undefined): void {
    const place = row * INTEGERS + FLAGS
    const others = (this.#integers[place] as number) & ((1 << OWNER_KIND_SHIFT) - 1) & ~(ONLY_POD | HAS_OWNER)
    this.#owner[row] = owner
    const kind = owner === undefined ? 0 : this.#numberOf(owner.kind)
    this.#integers[place] = others | (owner === undefined ? 0 : HAS_OWNER) | (kind << OWNER_KIND_SHIFT)
  }

  /** Keeps who owns a new pod; returns what its flags say of that. */
  #startOwner(row: PodRow, { owner, taskName }: PodDraft): number {
    if (taskName !== undefined && this.#taskNames.keep(row, taskName))
      return ONLY_POD | (this.#numberOf(TASK) << OWNER_KIND_SHIFT)
    const object = taskName === undefined ? owner : new TaskOwner(taskName, 1)
    if (object === undefined) return 0
    this.#owner[row] = object
    return HAS_OWNER | (this.#numberOf(object.kind) << OWNER_KIND_SHIFT)
  }

  #numberOf(kind: string): number {
    const known = this.#ownerKinds.indexOf(kind)
    return known >= 0 ? known : this.#ownerKinds.push(kind) - 1
  }

  #newReason(reason: string): number {
    const number = this.#reasons.push(reason) - 1
    this.#reasonNumbers.set(reason, number)
    return number
  }

  #appendRow(): PodRow {
    if (this.#rowsUsed === this.#capacity) this.#grow()
    return this.#rowsUsed++ as PodRow
  }

  #grow(): void {
    this.#capacity *= 2
    this.#doubles = widened(this.#doubles, this.#capacity * DOUBLES)
    this.#integers = new Int32Array(this.#doubles.buffer)
    this.#grace = widened(this.#grace, this.#capacity)
  }
}
