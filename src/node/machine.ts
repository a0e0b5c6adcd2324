import { quantityMilli, quantityValue } from '../api/quantity.ts'
import type { Quantity } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'

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
 * The physical world under the API: whether the machine of each node runs. Failure models act here and
 * nowhere else; the API learns of it only as components notice.
 *
 * A machine that several causes hold down is up again when the last of them ends.
 */
export class Machines {
  readonly #sim: Simulation
  readonly #api: ApiServer
  /** What holds each machine down that is down. */
  readonly #causes = new Map<NodeRow, Set<string>>()
  /** 1 for the machines that are down: asked for each pod. Some that never were lie beyond its end. */
  #isDown = new Uint8Array(256)
  readonly #memoryByText = new Map<Quantity, number>()
  readonly #observers: MachineObserver[] = []
  readonly #watchers: PayloadHandler<MachineChange>[] = []

  constructor(sim: Simulation, api: ApiServer) {
    this.#sim = sim
    this.#api = api
  }

  isUp(row: NodeRow): boolean {
    return row >= this.#isDown.length || this.#isDown[row] === 0
  }

  /**
   * Bytes of memory of the machine: the node's capacity, or what it has to give where that is all that is
   * known.
   */
  memoryCapacity(row: NodeRow): number {
    const status = this.#api.nodeRows.nodeOf(row)?.status
    const text = status?.capacity?.['memory'] ?? status?.allocatable?.['memory']
    if (text === undefined) return 0
    let bytes = this.#memoryByText.get(text)
    if (bytes === undefined) {
      bytes = quantityValue(text)
      this.#memoryByText.set(text, bytes)
    }
    return bytes
  }

  /** Millicores of the machine, from the same. */
  cpuCapacity(row: NodeRow): number {
    const status = this.#api.nodeRows.nodeOf(row)?.status
    const text = status?.capacity?.['cpu'] ?? status?.allocatable?.['cpu']
    return text === undefined ? 0 : quantityMilli(text)
  }

  /** Brings the machine down, or adds a cause to one that is down. The same cause twice is one cause. */
  crash(row: NodeRow, cause: string): void {
    const causes = this.#causes.get(row)
    if (causes !== undefined) {
      causes.add(cause)
      return
    }
    this.#causes.set(row, new Set([cause]))
    while (row >= this.#isDown.length) this.#isDown = widened(this.#isDown, this.#isDown.length * 2)
    this.#isDown[row] = 1
    this.#tell({ row, up: false, cause, at: this.#sim.now })
  }

  /**
   * Ends a cause; the machine comes up when it was the last. Does nothing when the cause does not hold it
   * down.
   */
  restore(row: NodeRow, cause: string): void {
    const causes = this.#causes.get(row)
    if (causes?.delete(cause) !== true || causes.size > 0) return
    this.#causes.delete(row)
    this.#isDown[row] = 0
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

  #tell(change: MachineChange): void {
    for (const observer of this.#observers) observer(change)
    for (const watcher of this.#watchers) this.#sim.afterWith(0, watcher, change)
  }
}
