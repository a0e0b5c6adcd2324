import type { Micros } from '../base/time.ts'
import {
  ALLOCATABLE,
  NODES,
  NODES_IN_USE,
  NODES_READY,
  PENDING_PODS,
  REQUESTED,
  RUNNING_PODS,
  USED_MEMORY_SHARE,
  startingPods,
} from './cluster-sums.ts'
import type { PackingSample } from './packing.ts'
import type { RowWriter } from './row-writer.ts'
import type { RunCounts } from './run-measures.ts'
import type { TimeIntegrals } from './time-integral.ts'

/** Writes timeseries.csv: a row for each interval, with the interval's means and the state at its end. */
export class TimeSeries {
  readonly #table: RowWriter | undefined
  readonly #sums: TimeIntegrals
  readonly #counts: RunCounts
  readonly #before: RunCounts
  #startedAt: Micros = 0

  constructor(table: RowWriter | undefined, sums: TimeIntegrals, counts: RunCounts) {
    this.#table = table
    this.#sums = sums
    this.#counts = counts
    this.#before = { ...counts }
  }

  /** End of the last interval that has its row. */
  get writtenUntil(): Micros {
    return this.#startedAt
  }

  /** Ends the interval at the sums' present instant and starts the next one. */
  endInterval(packing: PackingSample, has: { readonly use: boolean; readonly gpus: boolean }): void {
    const sums = this.#sums
    if (this.#table !== undefined) this.#writeRow(this.#table, packing, has)
    Object.assign(this.#before, this.#counts)
    this.#startedAt = sums.now
    sums.mark()
  }

  #writeRow(
    table: RowWriter,
    packing: PackingSample,
    has: { readonly use: boolean; readonly gpus: boolean },
  ): void {
    const sums = this.#sums
    const counts = this.#counts
    const before = this.#before
    table.seconds(sums.now)
    table.seconds(sums.now - this.#startedAt)
    table.optional(sums.ratioMeanSinceMark(0))
    table.optional(sums.ratioMeanSinceMark(1))
    table.optional(sums.ratioMeanSinceMark(2))
    table.optional(has.gpus ? sums.ratioMeanSinceMark(3) : undefined)
    table.optional(has.use ? sums.ratioMeanSinceMark(USED_MEMORY_SHARE) : undefined)
    table.number(sums.value(ALLOCATABLE))
    table.number(sums.value(ALLOCATABLE + 1))
    table.number(sums.value(REQUESTED))
    table.number(sums.value(REQUESTED + 1))
    table.number(packing.strandedCpuShare)
    table.number(packing.strandedMemoryShare)
    table.optional(packing.fragmentedGpuShare)
    table.optional(packing.fragmentedFreeGpuShare)
    table.number(sums.value(PENDING_PODS))
    table.number(sums.meanSinceMark(PENDING_PODS))
    table.number(startingPods(sums))
    table.number(sums.value(RUNNING_PODS))
    table.number(sums.value(NODES))
    table.number(sums.value(NODES_READY))
    table.number(sums.value(NODES_IN_USE))
    table.number(counts.podsCreated - before.podsCreated)
    table.number(counts.podsBound - before.podsBound)
    table.number(finished(counts) - finished(before))
    table.number(counts.attempts - before.attempts)
    table.number(counts.evictions - before.evictions)
    table.number(counts.machineFailures - before.machineFailures)
    table.endRow()
  }
}

function finished(counts: RunCounts): number {
  return counts.podsSucceeded + counts.podsFailed
}
