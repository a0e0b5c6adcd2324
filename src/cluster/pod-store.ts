import { InvariantError } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import { podChange } from './change-ring.ts'
import type { ChangeRing, PodChange } from './change-ring.ts'
import { GivenNames } from './given-names.ts'
import { KeptWork } from './kept-work.ts'
import {
  POD_BOUND,
  POD_CREATED,
  POD_DELETED,
  POD_DELETING,
  POD_FINISHED,
  POD_NOMINATED,
  POD_READINESS,
  POD_RUNNING,
  POD_UPDATED,
} from './pod-event.ts'
import { NO_DETAILS } from './pod-details.ts'
import type { PodDetails } from './pod-details.ts'
import type { PodDraft } from './pod-draft.ts'
import type { PodEventBit } from './pod-event.ts'
import {
  NO_TIME,
  PHASE_FAILED,
  PHASE_PENDING,
  PHASE_RUNNING,
  PHASE_SUCCEEDED,
  PodTable,
} from './pod-table.ts'
import type { PodOwner } from './pod-table.ts'
import { OwnTemplates } from './own-templates.ts'
import { PodsByNode } from './pods-by-node.ts'
import { NO_NODE } from './rows.ts'
import type { NodeRow, PodRow, TemplateId } from './rows.ts'
import type { TemplateInfo, TemplateRegistry } from './template-registry.ts'
import type { Uids } from './uid.ts'

/** Why a binding was refused: the pod has gone, is going, or has a node. */
export type BindRefusal = 'gone' | 'deleting' | 'bound'

/** How a pod ended. */
export interface PodOutcome {
  readonly succeeded: boolean
  /** `status.reason`. */
  readonly reason: string
  readonly details?: PodDetails | undefined
  /** When its containers had ended, where that is said later; now by default. */
  readonly finishedAt?: Micros
}

/** Hears of pod writes inside the write itself; measures, and must not write. */
export type PodObserver = (event: PodEventBit, row: PodRow) => void

/**
 * The API of pods: every write of a pod is one method, takes one revision and makes one change.
 *
 * A method takes the row; a caller that held the row across time compares `table.serial` first. The kubelet's and the
 * scheduler's writes that come too late are refused, or do nothing, as said at each.
 */
export class PodStore {
  readonly table = new PodTable()
  readonly templates: TemplateRegistry
  /** What checkpoints hold of the work of pods. */
  readonly kept = new KeptWork()
  readonly #sim: Simulation
  readonly #uids: Uids
  readonly #ring: ChangeRing
  readonly #written: (change: PodChange) => void
  readonly #observers: PodObserver[] = []
  readonly #givenNames = new GivenNames()
  readonly #details = new Map<PodRow, PodDetails>()
  readonly #ownTemplates = new OwnTemplates()
  /** Uids that somebody has asked for. */
  readonly #madeUids = new Map<PodRow, string>()
  /** Made when somebody asks for it first: runs in which no node fails do without. */
  #byNode: PodsByNode | undefined
  #count = 0
  #unfinished = 0

  constructor(parts: {
    sim: Simulation
    uids: Uids
    ring: ChangeRing
    templates: TemplateRegistry
    written: (change: PodChange) => void
  }) {
    this.#sim = parts.sim
    this.#uids = parts.uids
    this.#ring = parts.ring
    this.templates = parts.templates
    this.#written = parts.written
  }

  /** Pods in the store. */
  get count(): number {
    return this.#count
  }

  /** Pods in the store that have not finished. */
  get unfinished(): number {
    return this.#unfinished
  }

  /** Registers a measuring instrument. */
  observe(observer: PodObserver): void {
    this.#observers.push(observer)
  }

  create(draft: PodDraft): PodRow {
    const { table } = this
    const info = this.templates.get(draft.template)
    const row = table.allocate(draft, info, this.#sim.now)
    if (draft.name !== undefined) this.#givenNames.set(row, this.#namespaceOf(row), draft.name)
    if (draft.details !== undefined) this.#details.set(row, draft.details)
    if (draft.hasOwnTemplate === true) this.#ownTemplates.add(row, draft.template)
    if (draft.node !== undefined) {
      table.setNode(row, draft.node, draft.devices ?? 0)
      table.setBoundAt(row, this.#sim.now)
    }
    this.#count += 1
    this.#unfinished += 1
    this.#write(POD_CREATED, row)
    return row
  }

  /** Rows of the pods in the store that are bound to a node, ascending. The first question takes O(pods), others O(pods of the node). */
  onNode(node: NodeRow): PodRow[] {
    if (this.#byNode === undefined) {
      const byNode = new PodsByNode(this.table)
      this.#byNode = byNode
      this.observe((event, row) => byNode.written(event, row))
    }
    return this.#byNode.on(node)
  }

  /** The template's record of a pod. */
  infoOf(row: PodRow): TemplateInfo {
    return this.templates.get(this.table.template(row))
  }

  /** What a pod says of itself beyond its template. */
  detailsOf(row: PodRow): PodDetails {
    return this.#details.size === 0 ? NO_DETAILS : (this.#details.get(row) ?? NO_DETAILS)
  }

  /** Writes what a pod says of itself beyond its template; what is left out stays as it is. */
  updateDetails(row: PodRow, details: PodDetails): void {
    this.#details.set(row, { ...this.detailsOf(row), ...details })
    this.#write(POD_UPDATED, row)
  }

  /** `metadata.name`. */
  nameOf(row: PodRow): string {
    const taskName = this.table.taskName(row)
    if (taskName !== undefined) return taskName
    const given = this.#givenNames.get(row)
    if (given !== undefined) return given
    const owner = this.table.owner(row)
    if (owner !== undefined) return owner.podName(this.table.ordinal(row), this.table.attempt(row))
    return `pod-${this.table.serial(row)}`
  }

  /** `metadata.uid`. */
  uidOf(row: PodRow): string {
    const given = this.detailsOf(row).uid
    if (given !== undefined) return given
    let made = this.#madeUids.get(row)
    if (made === undefined) {
      made = this.#uids.of('Pod', this.table.serial(row))
      this.#madeUids.set(row, made)
    }
    return made
  }

  /** Another controller takes the pod, or, with undefined, its controller lets it go. */
  setOwner(row: PodRow, owner: PodOwner | undefined): void {
    this.table.setOwner(row, owner)
    this.#write(POD_UPDATED, row)
  }

  /** `namespace/name`. */
  keyOf(row: PodRow): string {
    return `${this.#namespaceOf(row)}/${this.nameOf(row)}`
  }

  /** Row of a pod that was created with a name of its own, by `namespace/name`. */
  rowOfGivenName(key: string): PodRow | undefined {
    return this.#givenNames.rowOf(key)
  }

  /** Whether the row still holds the pod with this serial. */
  isCurrent(row: PodRow, serial: number): boolean {
    return this.table.serial(row) === serial
  }

  /** Whether the pod takes up its node: bound and not finished. */
  isActive(row: PodRow): boolean {
    return this.table.node(row) !== NO_NODE && !this.isFinished(row)
  }

  isFinished(row: PodRow): boolean {
    return this.table.isFinished(row)
  }

  /** Replaces the template of a pod: an update of its labels, scheduling gates, tolerations or requests. */
  updateTemplate(row: PodRow, template: TemplateId): void {
    const info = this.templates.get(template)
    this.table.setTemplate(row, template, info.priority)
    if (info.template.sizing === 'template') {
      this.table.setSize(row, info.requests.cpu, info.requests.memory)
    }
    this.#write(POD_UPDATED, row)
  }

  /** The scheduler's binding. Source of the refusals: kube-apiserver, registry/core/pod `assignPod`. */
  bind(row: PodRow, node: NodeRow, devices: number): BindRefusal | undefined {
    const { table } = this
    if (this.isRemoved(row) || this.isFinished(row)) return 'gone'
    if (table.deletingAt(row) !== NO_TIME) return 'deleting'
    if (table.node(row) !== NO_NODE) return 'bound'
    table.setNode(row, node, devices)
    table.setBoundAt(row, this.#sim.now)
    table.setNominatedNode(row, NO_NODE)
    this.#write(POD_BOUND, row)
    return undefined
  }

  /** Sets or clears (`NO_NODE`) `status.nominatedNodeName`. */
  nominate(row: PodRow, node: NodeRow): void {
    if (this.table.nominatedNode(row) === node) return
    this.table.setNominatedNode(row, node)
    this.#write(POD_NOMINATED, row)
  }

  /** The kubelet's report that the containers run, since `at` where it is said later. */
  markRunning(row: PodRow, ready: boolean, at: Micros = this.#sim.now): void {
    const { table } = this
    if (table.phase(row) !== PHASE_PENDING) throw new InvariantError(`pod ${this.keyOf(row)} started twice`)
    if (table.node(row) === NO_NODE) throw new InvariantError(`pod ${this.keyOf(row)} runs on no node`)
    table.setPhase(row, PHASE_RUNNING)
    table.setRunningAt(row, at)
    table.setReady(row, ready, this.#sim.now)
    this.#write(POD_RUNNING, row)
  }

  /** Sets the Ready condition; does nothing when it is so already. */
  setReady(row: PodRow, ready: boolean): void {
    const { table } = this
    if (table.isReady(row) === ready) return
    table.setReady(row, ready, this.#sim.now)
    this.#write(POD_READINESS, row)
  }

  /**
   * Phase Succeeded or Failed, with `status.reason` and what else the kubelet says with it; a finished pod stays as it is.
   */
  finish(row: PodRow, outcome: PodOutcome): void {
    const { table } = this
    if (this.isFinished(row)) return
    if (outcome.details !== undefined) {
      const before = this.detailsOf(row)
      const conditions = [...(before.conditions ?? []), ...(outcome.details.conditions ?? [])]
      this.#details.set(row, {
        ...before,
        ...outcome.details,
        ...(conditions.length === 0 ? {} : { conditions }),
      })
    }
    table.setPhase(row, outcome.succeeded ? PHASE_SUCCEEDED : PHASE_FAILED)
    table.setReady(row, false, this.#sim.now)
    table.setReason(row, outcome.reason)
    table.setFinishedAt(row, outcome.finishedAt ?? this.#sim.now)
    this.#unfinished -= 1
    this.#write(POD_FINISHED, row)
  }

  /**
   * Asks for deletion, with the pod's own grace period by default. A pod without a node, a finished one, or grace 0 is gone at once; any other gets its deletion
   * time and waits for the kubelet, as one with finalizers waits for those. A second request may shorten the grace period, never lengthen it.
   * Source: kube-apiserver, registry/core/pod `CheckGracefulDelete`, and registry/rest `BeforeDelete`.
   */
  requestDeletion(
    row: PodRow,
    request: { readonly grace?: Micros | undefined; readonly reason: string },
  ): void {
    const { table } = this
    const { reason, grace = this.infoOf(row).terminationGrace } = request
    if (grace === 0 || table.node(row) === NO_NODE || this.isFinished(row)) {
      if (table.reason(row) === '') table.setReason(row, reason)
      if ((this.detailsOf(row).finalizers ?? []).length === 0) this.remove(row)
      else if (table.deletingAt(row) === NO_TIME) {
        table.setDeletion(row, this.#sim.now, 0)
        this.#write(POD_DELETING, row)
      }
      return
    }
    if (table.deletingAt(row) !== NO_TIME) {
      const endsAt = table.deletingAt(row) + table.grace(row)
      if (this.#sim.now + grace >= endsAt) return
    }
    table.setDeletion(row, this.#sim.now, grace)
    if (table.reason(row) === '') table.setReason(row, reason)
    this.#write(POD_DELETING, row)
  }

  /** Takes the pod out of the store: the end of a deletion. Its row stays readable until every watcher has heard. */
  remove(row: PodRow): void {
    if (this.isRemoved(row)) throw new InvariantError(`pod row ${row} is removed twice`)
    const names = this.#givenNames
    if (names.has(row)) names.release(row, this.#namespaceOf(row))
    this.#count -= 1
    if (!this.isFinished(row)) this.#unfinished -= 1
    this.table.setRemoved(row)
    this.#write(POD_DELETED, row)
  }

  /** Takes the pod out of the store without asking anybody, as one that a restored etcd does not know. */
  erase(row: PodRow, reason: string): void {
    if (this.table.reason(row) === '') this.table.setReason(row, reason)
    this.remove(row)
  }

  /** Sees to it that the template of a pod is not forgotten with the pod; whether it was made for its owner alone. */
  keepTemplate(row: PodRow): boolean {
    return this.#ownTemplates.keep(row)
  }

  /** Whether the pod was removed, while its row is still readable. */
  isRemoved(row: PodRow): boolean {
    return this.table.isRemoved(row)
  }

  /** Frees the row of a removed pod; only the watch hub calls this, when nobody can hear of the pod any more. */
  retire(row: PodRow): void {
    this.#givenNames.delete(row)
    if (this.#details.size > 0) this.#details.delete(row)
    if (this.#madeUids.size > 0) this.#madeUids.delete(row)
    this.kept.forget(row)
    this.table.release(row)
    const forgotten = this.#ownTemplates.take(row)
    if (forgotten !== undefined) this.templates.forget(forgotten)
  }

  #namespaceOf(row: PodRow): string {
    return this.infoOf(row).template.metadata.namespace
  }

  #write(event: PodEventBit, row: PodRow): void {
    const { table } = this
    const node = table.node(row)
    const hadFinished = event !== POD_FINISHED && table.isFinished(row)
    const change = podChange(event, node !== NO_NODE, hadFinished)
    const revision = this.#ring.appendPod(this.#sim.now, change, row, table.serial(row), node)
    table.setRevision(row, revision)
    const observers = this.#observers
    for (let i = 0; i < observers.length; i++) (observers[i] as PodObserver)(event, row)
    this.#written(change)
  }
}
