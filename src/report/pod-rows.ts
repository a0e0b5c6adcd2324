import type { Micros } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import { NO_TIME, PHASE_FAILED, PHASE_RUNNING, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { PodMeter } from './pod-meter.ts'
import type { RowWriter } from './row-writer.ts'

/** Writes pods.csv: a row for each pod when it is gone, or at the end of the run. */
export class PodRows {
  readonly #table: RowWriter
  readonly #pods: PodStore
  readonly #nodeRows: NodeRows
  readonly #meter: PodMeter

  constructor(table: RowWriter, parts: { pods: PodStore; nodeRows: NodeRows; meter: PodMeter }) {
    this.#table = table
    this.#pods = parts.pods
    this.#nodeRows = parts.nodeRows
    this.#meter = parts.meter
  }

  /** `removedAt` is when the pod left the store; `NO_TIME` for one that is there at the end of the run. */
  write(row: PodRow, attempts: number, removedAt: Micros): void {
    const table = this.#pods.table
    const out = this.#table
    const owner = table.owner(row)
    const node = table.node(row)
    const createdAt = table.createdAt(row)
    const boundAt = table.boundAt(row)
    const finishedAt = table.finishedAt(row)
    out.text(this.#pods.infoOf(row).template.metadata.namespace)
    out.text(this.#pods.nameOf(row))
    out.text(owner?.kind ?? '')
    out.text(owner?.name ?? '')
    out.number(table.attempt(row))
    out.text(this.#meter.qosOf(row))
    out.number(table.priority(row))
    out.number(table.cpu(row))
    out.number(table.memory(row))
    out.number(this.#meter.gpuMilliOf(row))
    out.seconds(createdAt)
    out.seconds(boundAt)
    out.seconds(table.runningAt(row))
    out.seconds(finishedAt === NO_TIME ? removedAt : finishedAt)
    if (node === NO_NODE) out.empty()
    else out.text(this.#nodeRows.nameOf(node))
    out.text(this.#outcome(row, removedAt))
    out.text(table.reason(row))
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
}
