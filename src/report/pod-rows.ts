import type { Micros } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME, PHASE_FAILED, PHASE_RUNNING, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow, TemplateId } from '../cluster/rows.ts'
import { CellSlots } from './cell-slots.ts'
import type { PodMeter } from './pod-meter.ts'
import { keepCells } from './row-writer.ts'
import type { KeptCells, RowWriter } from './row-writer.ts'

/** Cells that follow from a pod's template. */
interface TemplateCells {
  readonly namespace: KeptCells
  /** Class of quality of service, and priority. */
  readonly rank: KeptCells
  readonly gpuMilli: number
}

const NO_OWNER = keepCells(['', ''])

/**
 * Writes pods.csv: a row for each pod when it is gone, or at the end of the run.
 *
 * Cells of few distinct values are made into bytes once: those of templates, nodes, kinds of owners, outcomes.
 */
export class PodRows {
  readonly #table: RowWriter
  readonly #pods: PodStore
  readonly #meter: PodMeter
  readonly #ofTemplate: (TemplateCells | undefined)[] = []
  readonly #ofNode: CellSlots
  readonly #ofKind = new Map<string, KeptCells>()
  /** Outcome and reason, by both. */
  readonly #ends = new Map<string, Map<string, KeptCells>>()

  constructor(table: RowWriter, parts: { pods: PodStore; nodeRows: NodeRows; meter: PodMeter }) {
    this.#table = table
    this.#pods = parts.pods
    this.#ofNode = new CellSlots((node) => parts.nodeRows.nameOf(node as NodeRow))
    this.#meter = parts.meter
  }

  /** `removedAt` is when the pod left the store; `NO_TIME` for one that is there at the end of the run. */
  write(row: PodRow, attempts: number, removedAt: Micros): void {
    const table = this.#pods.table
    const out = this.#table
    const owner = table.owner(row)
    const node = table.node(row)
    const template = table.template(row)
    const { namespace, rank, gpuMilli } = this.#ofTemplate[template] ?? this.#newTemplate(template, row)
    const createdAt = table.createdAt(row)
    const boundAt = table.boundAt(row)
    const finishedAt = table.finishedAt(row)
    out.cells(namespace)
    out.text(this.#pods.nameOf(row))
    if (owner === undefined) out.cells(NO_OWNER)
    else {
      out.cells(this.#ofKind.get(owner.kind) ?? this.#newKind(owner.kind))
      out.text(owner.name)
    }
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

  #newKind(kind: string): KeptCells {
    const cells = keepCells([kind])
    this.#ofKind.set(kind, cells)
    return cells
  }

  #newEnd(outcome: string, reason: string): KeptCells {
    const cells = keepCells([outcome, reason])
    let ends = this.#ends.get(outcome)
    if (ends === undefined) this.#ends.set(outcome, (ends = new Map<string, KeptCells>()))
    ends.set(reason, cells)
    return cells
  }
}
