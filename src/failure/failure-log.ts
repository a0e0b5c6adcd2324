import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Machines } from '../node/machine.ts'

/** One failure: what model caused it, which machines it brought down, and when. */
export interface FailureRecord {
  /** From 1, in order of start. */
  readonly id: number
  /** `node-crash`, `zone-outage`, `maintenance` or `trace`. */
  readonly model: string
  readonly nodes: readonly NodeRow[]
  readonly startedAt: Micros
  /** Undefined while it lasts. */
  endedAt: Micros | undefined
}

/** Brings machines down and up on behalf of the models, and keeps what failed when. */
export class FailureLog {
  readonly #sim: Simulation
  readonly #machines: Machines
  readonly #records: FailureRecord[] = []

  constructor(sim: Simulation, machines: Machines) {
    this.#sim = sim
    this.#machines = machines
  }

  /** All failures in order of start. */
  get records(): readonly FailureRecord[] {
    return this.#records
  }

  /** Brings the machines down now. */
  begin(model: string, nodes: readonly NodeRow[]): FailureRecord {
    const record: FailureRecord = {
      id: this.#records.length + 1,
      model,
      nodes,
      startedAt: this.#sim.now,
      endedAt: undefined,
    }
    this.#records.push(record)
    for (const node of nodes) this.#machines.crash(node, causeOf(record))
    return record
  }

  /** Ends a failure now: machines that no other one holds down come up. */
  end(record: FailureRecord): void {
    record.endedAt = this.#sim.now
    for (const node of record.nodes) this.#machines.restore(node, causeOf(record))
  }
}

function causeOf(record: FailureRecord): string {
  return `${record.model}/${record.id}`
}
