import type { Micros } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME, PHASE_FAILED, PHASE_RUNNING, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow, TemplateId } from '../cluster/rows.ts'
import { CellSlots } from './cell-slots.ts'
import type { PodMeter } from './pod-meter.ts'
import type { PodNotes } from './pod-notes.ts'
import { keepCells } from './row-writer.ts'
import type { KeptCells, RowWriter } from './row-writer.ts'

/** Cells that follow from a pod's template. */
interface TemplateCells {
  readonly namespace: KeptCells
  /** Class of quality of service, and priority. */
  readonly rank: KeptCells
  readonly gpuMilli: number
}

/** Greatest mark of a kept name. */
const MARK_MAX = 255
const NO_OWNER = keepCells(['', ''])

/**
 * Writes pods.csv: a row for each pod when it is gone, or at the end of the run.
 *
 * Cells of few distinct values are made into bytes once: those of templates, nodes, kinds of owners, outcomes.
 */
export class PodRows {
  readonly #table: RowWriter
  readonly #pods: PodStore
  readonly #notes: PodNotes
  readonly #meter: PodMeter
  readonly #ofTemplate: (TemplateCells | undefined)[] = []
  readonly #ofNode: CellSlots
  /** Kinds of owners whose pods have their names, by the mark that the names are kept with; none for 0. */
  readonly #kinds: (KeptCells | undefined)[] = [undefined]
  readonly #markOfKind = new Map<string, number>()
  /** Outcome and reason, by both. */
  readonly #ends = new Map<string, Map<string, KeptCells>>()

  constructor(
    table: RowWriter,
    parts: { pods: PodStore; nodeRows: NodeRows; notes: PodNotes; meter: PodMeter },
  ) {
    this.#table = table
    this.#pods = parts.pods
    this.#ofNode = new CellSlots((node) => parts.nodeRows.nameOf(node as NodeRow))
    this.#notes = parts.notes
    this.#meter = parts.meter
    this.#pods.templates.onForgotten((template) => {
      this.#ofTemplate[template] = undefined
    })
  }

  /** A new pod has the row: its name is at hand now, and would have to be fetched from far when it is gone. */
  created(row: PodRow): void {
    const { table } = this.#pods
    const name = this.#pods.nameOf(row)
    const isOwners = table.taskName(row) !== undefined || table.owner(row)?.name === name
    this.#notes.keepName(row, name, isOwners ? this.#markOf(table.ownerKind(row)) : 0)
  }

  /** `removedAt` is when the pod left the store; `NO_TIME` for one that is there at the end of the run. */
  write(row: PodRow, attempts: number, removedAt: Micros): void {
    const table = this.#pods.table
    const out = this.#table
    const node = table.node(row)
    const template = table.template(row)
    const { namespace, rank, gpuMilli } = this.#ofTemplate[template] ?? this.#newTemplate(template, row)
    const createdAt = table.createdAt(row)
    const boundAt = table.boundAt(row)
    const finishedAt = table.finishedAt(row)
    out.cells(namespace)
    this.#writeNames(row)
    out.number(table.attempt(row))
    out.cells(rank)
    out.number(table.cpu(row))
    out.number(table.memory(row))
    out.number(gpuMilli)
    out.seconds(createdAt)
    out.seconds(boundAt)
    out.seconds(table.runningAt(row))
    out.seconds(finishedAt === NO_TIME ? removedAt : finishedAt)
    if (node === NO_NODE) out.empty()
    else this.#ofNode.write(node, out)
    const outcome = this.#outcome(row, removedAt)
    const reason = table.reason(row)
    out.cells(this.#ends.get(outcome)?.get(reason) ?? this.#newEnd(outcome, reason))
    out.number(attempts)
    out.seconds(boundAt === NO_TIME ? NO_TIME : boundAt - createdAt)
    out.endRow()
  }

  /** Name, kind of the owner, and its name, which of a task of one pod is the pod's. */
  #writeNames(row: PodRow): void {
    const out = this.#table
    const mark = this.#notes.nameMark(row)
    if (mark === undefined) out.text(this.#pods.nameOf(row))
    else this.#notes.writeName(row, out)
    const kind = this.#kinds[mark ?? 0]
    if (kind !== undefined) {
      out.cells(kind)
      this.#notes.writeName(row, out)
      return
    }
    const owner = this.#pods.table.owner(row)
    if (owner === undefined) out.cells(NO_OWNER)
    else {
      out.text(owner.kind)
      out.text(owner.name)
    }
  }

  #outcome(row: PodRow, removedAt: Micros): string {
    const { table } = this.#pods
    const phase = table.phase(row)
    if (phase === PHASE_SUCCEEDED) return 'Succeeded'
    if (phase === PHASE_FAILED) return 'Failed'
    if (removedAt !== NO_TIME) return 'Deleted'
    if (phase === PHASE_RUNNING) return 'Running'
    return table.node(row) === NO_NODE ? 'Pending' : 'Starting'
  }

  #newTemplate(template: TemplateId, row: PodRow): TemplateCells {
    const cells = {
      namespace: keepCells([this.#pods.templates.get(template).template.metadata.namespace]),
      rank: keepCells([this.#meter.qosOf(row), this.#pods.table.priority(row)]),
      gpuMilli: this.#meter.gpuMilliOf(row),
    }
    this.#ofTemplate[template] = cells
    return cells
  }

  #markOf(kind: string): number {
    return this.#markOfKind.get(kind) ?? this.#newKind(kind)
  }

  #newKind(kind: string): number {
    if (this.#kinds.length > MARK_MAX) return 0
    const mark = this.#kinds.push(keepCells([kind])) - 1
    this.#markOfKind.set(kind, mark)
    return mark
  }

  #newEnd(outcome: string, reason: string): KeptCells {
    const cells = keepCells([outcome, reason])
    let ends = this.#ends.get(outcome)
    if (ends === undefined) this.#ends.set(outcome, (ends = new Map<string, KeptCells>()))
    ends.set(reason, cells)
    return cells
  }
}
