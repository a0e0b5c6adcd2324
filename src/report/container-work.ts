import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodTable } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'

/** Sums up the work of pods that have no run time of their own, but containers that end some day; in millicores times microseconds. */
export class ContainerWork {
  readonly #table: PodTable
  readonly #lost: (row: PodRow, amount: number) => void
  #keptSum = 0
  #lostSum = 0

  /** `lost` hears of each loss. */
  constructor(table: PodTable, lost: (row: PodRow, amount: number) => void) {
    this.#table = table
    this.#lost = lost
  }

  /** Work that was not lost; where none ever was it is not asked for, and 0. */
  get useful(): number {
    return this.#lostSum === 0 ? 0 : this.#keptSum
  }

  /** The run of a container is over. Of pods that have a run time of their own the meter knows as much. */
  readonly workEnded = (row: PodRow, { kept, lost }: { kept: Micros; lost: Micros }): void => {
    if (this.#table.duration(row) !== NEVER) return
    const cpu = this.#table.cpu(row)
    this.#keptSum += cpu * kept
    this.#lostSum += cpu * lost
    if (lost > 0) this.#lost(row, cpu * lost)
  }
}
