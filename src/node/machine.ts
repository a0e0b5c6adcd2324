import { quantityMilli, quantityValue } from '../api/quantity.ts'
import type { Quantity } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import { MachineStrain } from './machine-strain.ts'

/**
 * What can be wrong with a machine as a whole:
 *
 * - `down`: it does not run, nor do its containers.
 * - `cutOff`: it runs, and its containers with it, but nothing passes between its kubelet and the API server.
 * - `hung`: its containers run, but its kubelet does nothing: starts, ends, probes and reports no pod.
 */
export const MACHINE_FAULTS = ['down', 'cutOff', 'hung'] as const

export type MachineFault = (typeof MACHINE_FAULTS)[number]

/** Causes of `cutOff` that lie with API servers, not with the network: that none answers, or not the one of a connection. */
export const API_SERVER_CAUSES: ReadonlySet<string> = new Set(['api-server', 'api-connection'])

const BITS: Readonly<Record<MachineFault, number>> = { down: 1, cutOff: 2, hung: 4 }

/** A fault of a machine began or ended. */
export interface MachineChange {
  readonly row: NodeRow
  readonly fault: MachineFault
  /** False as the fault begins, true as the last cause of it ends. */
  readonly up: boolean
  /** What brought it about, or what its end ended: the failure's name. */
  readonly cause: string
  readonly at: Micros
}

/** Hears of a change inside it; measures, and must not write. */
export type MachineObserver = (change: MachineChange) => void

interface MachineWatcher {
  readonly faults: readonly MachineFault[]
  readonly hear: PayloadHandler<MachineChange>
}

/**
 * The physical world under the API: whether the machine of each node runs, whether its kubelet works, and whether the API
 * server hears of it. Failure models act here and nowhere else; the API learns of it only as components notice.
 *
 * A fault that several causes bring about is over when the last of them ends.
 */
export class Machines {
  /** How fast machines are, and what fills their disks besides pods. */
  readonly strain: MachineStrain
  readonly #sim: Simulation
  readonly #api: ApiServer
  /** What brings each fault about on the machines that have it. */
  readonly #causes: Readonly<Record<MachineFault, Map<NodeRow, Set<string>>>> = {
    down: new Map(),
    cutOff: new Map(),
    hung: new Map(),
  }
  /** Bits of the faults that machines have: asked for each pod. Some that never had one lie beyond its end. */
  #faults = new Uint8Array(256)
  /** Machines that are gone for good. */
  readonly #terminated = new Set<NodeRow>()
  readonly #memoryByText = new Map<Quantity, number>()
  readonly #observers: MachineObserver[] = []
  readonly #watchers: MachineWatcher[] = []
  readonly #terminationWatchers: PayloadHandler<NodeRow>[] = []

  constructor(sim: Simulation, api: ApiServer) {
    this.#sim = sim
    this.#api = api
    this.strain = new MachineStrain(sim)
  }

  /** Whether the machine runs. */
  isUp(row: NodeRow): boolean {
    return row >= this.#faults.length || ((this.#faults[row] as number) & BITS.down) === 0
  }

  /** Whether the machine has a fault. */
  has(row: NodeRow, fault: MachineFault): boolean {
    return row < this.#faults.length && ((this.#faults[row] as number) & BITS[fault]) !== 0
  }

  /** Whether the API server and the kubelet of the machine hear of each other: it has no fault. */
  reports(row: NodeRow): boolean {
    return row >= this.#faults.length || this.#faults[row] === 0
  }

  /** What brings a fault of the machine about, in order of beginning. */
  causesOf(row: NodeRow, fault: MachineFault): readonly string[] {
    return [...(this.#causes[fault].get(row) ?? [])]
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
    this.begin(row, 'down', cause)
  }

  /** Ends a cause that holds the machine down. */
  restore(row: NodeRow, cause: string): void {
    this.end(row, 'down', cause)
  }

  /** Gives the machine a fault, or adds a cause to one that it has. The same cause twice is one cause. */
  begin(row: NodeRow, fault: MachineFault, cause: string): void {
    const known = this.#causes[fault]
    const causes = known.get(row)
    if (causes !== undefined) {
      causes.add(cause)
      return
    }
    known.set(row, new Set([cause]))
    while (row >= this.#faults.length) this.#faults = widened(this.#faults, this.#faults.length * 2)
    this.#faults[row] = (this.#faults[row] as number) | BITS[fault]
    this.#tell({ row, fault, up: false, cause, at: this.#sim.now })
  }

  /**
   * Ends a cause of a fault, which is over when it was the last. Does nothing when the cause does not bring the fault about.
   */
  end(row: NodeRow, fault: MachineFault, cause: string): void {
    const causes = this.#causes[fault].get(row)
    if (causes?.delete(cause) !== true || causes.size > 0) return
    this.#causes[fault].delete(row)
    this.#faults[row] = (this.#faults[row] as number) & ~BITS[fault]
    this.#tell({ row, fault, up: true, cause, at: this.#sim.now })
  }

  /**
   * Takes the machine away for good: it is down, and nothing brings it up again. What a cloud calls a terminated instance; its Node
   * stays until somebody deletes it. Does nothing to one that is gone.
   */
  terminate(row: NodeRow, cause: string): void {
    if (this.#terminated.has(row)) return
    this.#terminated.add(row)
    this.begin(row, 'down', `${cause}/terminated`)
    for (const watcher of this.#terminationWatchers) this.#sim.afterWith(0, watcher, row)
  }

  /** Whether the machine is gone for good: its instance does not exist any more. */
  isTerminated(row: NodeRow): boolean {
    return this.#terminated.has(row)
  }

  /** Tells a component of machines that are gone for good, as an event of its own, in the same instant. */
  watchTerminations(name: string, hear: (row: NodeRow) => void): void {
    this.#terminationWatchers.push(this.#sim.payloadHandler(`machine-terminations/${name}`, hear))
  }

  /** Registers a measuring instrument, for all faults. */
  observe(observer: MachineObserver): void {
    this.#observers.push(observer)
  }

  /** Delivers each change of these faults, `down` by default, to a component as an event of its own, in the same instant. */
  watch(
    name: string,
    hear: (change: MachineChange) => void,
    faults: readonly MachineFault[] = ['down'],
  ): void {
    this.#watchers.push({ faults, hear: this.#sim.payloadHandler(`machines/${name}`, hear) })
  }

  #tell(change: MachineChange): void {
    for (const observer of this.#observers) observer(change)
    for (const { faults, hear } of this.#watchers) {
      if (faults.includes(change.fault)) this.#sim.afterWith(0, hear, change)
    }
  }
}
