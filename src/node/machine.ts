import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { Micros } from '../base/time.ts'

/** A machine went down or came up. */
export interface MachineChange {
  readonly row: NodeRow
  readonly up: boolean
  /** What brought it down, or what its end brought up: the failure's name. */
  readonly cause: string
  readonly at: Micros
}

/** Hears of a change inside it; measures, and must not write. */
export type MachineObserver = (change: MachineChange) => void

/**
 * The physical world under the API: whether the machine of each node runs. Failure models act here and nowhere else;
 * the API learns of it only as components notice.
 *
 * A machine that several causes hold down is up again when the last of them ends.
 */
export class Machines {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #causes = new Map<NodeRow, Set<string>>()
  readonly #downSince = new Map<NodeRow, Micros>()
  readonly #observers: MachineObserver[] = []
  readonly #watchers: PayloadHandler<MachineChange>[] = []

  constructor(sim: Simulation, api: ApiServer) {
    this.#sim = sim
    this.#api = api
  }

  /** Machines that are down now. */
  get downCount(): number {
    return this.#downSince.size
  }

  isUp(row: NodeRow): boolean {
    return !this.#downSince.has(row)
  }

  /** When the machine went down; undefined while it is up. */
  downSince(row: NodeRow): Micros | undefined {
    return this.#downSince.get(row)
  }

  /** Brings the machine down, or adds a cause to one that is down. The same cause twice is one cause. */
  crash(row: NodeRow, cause: string): void {
    const causes = this.#causes.get(row) ?? new Set()
    this.#causes.set(row, causes)
    causes.add(cause)
    if (this.#downSince.has(row)) return
    this.#downSince.set(row, this.#sim.now)
    this.#tell({ row, up: false, cause, at: this.#sim.now })
  }

  /** Ends a cause; the machine comes up when it was the last. */
  restore(row: NodeRow, cause: string): void {
    const causes = this.#causes.get(row)
    if (causes?.delete(cause) !== true || causes.size > 0) return
    this.#causes.delete(row)
    this.#downSince.delete(row)
    this.#tell({ row, up: true, cause, at: this.#sim.now })
  }

  /** Registers a measuring instrument. */
  observe(observer: MachineObserver): void {
    this.#observers.push(observer)
  }

  /** Delivers each change to a component as an event of its own, in the same instant. */
  watch(name: string, hear: (change: MachineChange) => void): void {
    this.#watchers.push(this.#sim.payloadHandler(`machines/${name}`, hear))
  }

  /** Rows of all nodes that exist, ascending. */
  *rows(): IterableIterator<NodeRow> {
    const { nodeRows } = this.#api
    for (let index = 0; index < nodeRows.used; index++) {
      const row = index as NodeRow
      if (nodeRows.nodeOf(row) !== undefined) yield row
    }
  }

  #tell(change: MachineChange): void {
    for (const observer of this.#observers) observer(change)
    for (const watcher of this.#watchers) this.#sim.afterWith(0, watcher, change)
  }
}
