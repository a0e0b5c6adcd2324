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
import type { CsvTable } from './csv.ts'
import { secondsText } from './number-text.ts'
import type { PackingSample } from './packing.ts'
import type { RunCounts } from './run-measures.ts'
import type { TimeIntegrals } from './time-integral.ts'

/** Writes timeseries.csv: a row for each interval, with the interval's means and the state at its end. */
export class TimeSeries {
  readonly #table: CsvTable | undefined
  readonly #sums: TimeIntegrals
  readonly #counts: RunCounts
  #before: RunCounts
  #startedAt: Micros = 0

  constructor(table: CsvTable | undefined, sums: TimeIntegrals, counts: RunCounts) {
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
    const counts = this.#counts
    const before = this.#before
    this.#table?.row([
      secondsText(sums.now),
      secondsText(sums.now - this.#startedAt),
      sums.ratioMeanSinceMark(0),
      sums.ratioMeanSinceMark(1),
      sums.ratioMeanSinceMark(2),
      has.gpus ? sums.ratioMeanSinceMark(3) : undefined,
      has.use ? sums.ratioMeanSinceMark(USED_MEMORY_SHARE) : undefined,
      sums.value(ALLOCATABLE),
      sums.value(ALLOCATABLE + 1),
      sums.value(REQUESTED),
      sums.value(REQUESTED + 1),
      packing.strandedCpuShare,
      packing.strandedMemoryShare,
      packing.fragmentedGpuShare,
      packing.fragmentedFreeGpuShare,
      sums.value(PENDING_PODS),
      sums.meanSinceMark(PENDING_PODS),
      startingPods(sums),
      sums.value(RUNNING_PODS),
      sums.value(NODES),
      sums.value(NODES_READY),
      sums.value(NODES_IN_USE),
      counts.podsCreated - before.podsCreated,
      counts.podsBound - before.podsBound,
      finished(counts) - finished(before),
      counts.attempts - before.attempts,
      counts.evictions - before.evictions,
      counts.machineFailures - before.machineFailures,
    ])
    this.#before = { ...counts }
    this.#startedAt = sums.now
    sums.mark()
  }
}

function finished(counts: RunCounts): number {
  return counts.podsSucceeded + counts.podsFailed
}
