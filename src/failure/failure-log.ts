import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Speed } from '../node/machine-strain.ts'
import type { MachineFault, Machines } from '../node/machine.ts'

/** What a failure does to the machines that it hits; `none`: it acts on something else. */
export type FailureEffect =
  | { readonly kind: MachineFault }
  | { readonly kind: 'slow'; readonly speed: Partial<Speed> }
  /** Share of the disk that is taken, from 0 to 1. */
  | { readonly kind: 'diskFull'; readonly share: number }
  | { readonly kind: 'none' }

/** Labels that all nodes of a place have, such as those of a zone, and no others. */
export type PlaceLabels = Readonly<Record<string, string>>

/** What fails: which machines, and how; for what is no machine, a name. */
export interface FailureTarget {
  readonly nodes?: readonly NodeRow[]
  /** `down` by default. */
  readonly effect?: FailureEffect
  /** What fails, for people: `zone a`, `registry.example`, `etcd-1`; the nodes' names by default. */
  readonly name?: string
  /** Whether the machines are gone: nothing brings them up again. */
  readonly isForGood?: boolean
  /** When it strikes, where that is known before: until then its machines run on. At once by default. */
  readonly strikesAt?: Micros
  /** The place whose nodes these are, where it fails as a whole: no machine comes up there before that ends. */
  readonly place?: PlaceLabels | undefined
}

/** One failure: what model caused it, what it brought down, and when. */
export interface FailureRecord {
  /** From 1, in order of start. */
  readonly id: number
  /** Name of the model, such as `node-crash` or `zone-outage`. */
  readonly model: string
  readonly nodes: readonly NodeRow[]
  readonly effect: FailureEffect
  /** Empty where the nodes say it. */
  readonly target: string
  /** Where no machine comes up while it lasts; undefined: it hits these nodes alone. */
  readonly place: PlaceLabels | undefined
  readonly startedAt: Micros
  /** When its machines are hit: as it starts, or after a notice. */
  readonly strikesAt: Micros
  /** Undefined while it lasts. */
  endedAt: Micros | undefined
}

const DOWN: FailureEffect = { kind: 'down' }

/** Breaks and mends machines on behalf of the models, and keeps what failed when. */
export class FailureLog {
  readonly #sim: Simulation
  readonly #machines: Machines
  readonly #records: FailureRecord[] = []
  readonly #observers: ((record: FailureRecord) => void)[] = []
  /** Lasting failures of whole places. */
  readonly #ofPlaces = new Set<FailureRecord>()

  constructor(sim: Simulation, machines: Machines) {
    this.#sim = sim
    this.#machines = machines
  }

  /** All failures in order of start. */
  get records(): readonly FailureRecord[] {
    return this.#records
  }

  /** Registers a measuring instrument: it hears of each failure before it strikes, and when it has ended. */
  observe(observer: (record: FailureRecord) => void): void {
    this.#observers.push(observer)
  }

  /** A failure begins now. One that has a later instant to strike at does nothing yet: `strike` does. */
  begin(
    model: string,
    {
      nodes = [],
      effect = DOWN,
      name = '',
      isForGood = false,
      strikesAt = this.#sim.now,
      place,
    }: FailureTarget,
  ): FailureRecord {
    const record: FailureRecord = {
      id: this.#records.length + 1,
      model,
      nodes,
      effect,
      target: name,
      place: stopsMachines(effect) ? place : undefined,
      startedAt: this.#sim.now,
      strikesAt,
      endedAt: undefined,
    }
    this.#records.push(record)
    if (record.place !== undefined) this.#ofPlaces.add(record)
    for (const observer of this.#observers) observer(record)
    if (strikesAt === this.#sim.now) this.strike(record, isForGood)
    return record
  }

  /** Hits the machines of a failure that has begun. */
  strike(record: FailureRecord, isForGood: boolean): void {
    for (const node of record.nodes) {
      this.#strike(node, record)
      if (isForGood) this.#machines.terminate(node, causeOf(record))
    }
  }

  /** Ends a failure now: what no other one causes is over. Does nothing when it has ended. */
  end(record: FailureRecord): void {
    if (record.endedAt !== undefined) return
    record.endedAt = this.#sim.now
    this.#ofPlaces.delete(record)
    for (const node of record.nodes) this.#mend(node, record)
    for (const observer of this.#observers) observer(record)
  }

  /** Whether a machine is gone for good. */
  isGone(node: NodeRow): boolean {
    return this.#machines.isTerminated(node)
  }

  /** Whether a failure lasts that keeps a machine with these labels from coming up where it is. */
  isPlaceBroken(labels: Readonly<Record<string, string>>): boolean {
    for (const { place = {} } of this.#ofPlaces) {
      if (Object.entries(place).every(([key, value]) => labels[key] === value)) return true
    }
    return false
  }

  #strike(node: NodeRow, record: FailureRecord): void {
    const { effect } = record
    const cause = causeOf(record)
    if (effect.kind === 'slow') this.#machines.strain.slow(node, effect.speed, cause)
    else if (effect.kind === 'diskFull') this.#machines.strain.fillDisk(node, effect.share, cause)
    else if (effect.kind !== 'none') this.#machines.begin(node, effect.kind, cause)
  }

  #mend(node: NodeRow, record: FailureRecord): void {
    const { effect } = record
    const cause = causeOf(record)
    if (effect.kind === 'slow') this.#machines.strain.recover(node, cause)
    else if (effect.kind === 'diskFull') this.#machines.strain.emptyDisk(node, cause)
    else if (effect.kind !== 'none') this.#machines.end(node, effect.kind, cause)
  }
}

/** Whether machines that it hits do not run, or reach no API server: neither could one that is new. */
function stopsMachines({ kind }: FailureEffect): boolean {
  return kind === 'down' || kind === 'cutOff'
}

/** What a failure is called as a cause of what it does: of it alone. */
export function causeOf(record: FailureRecord): string {
  return `${record.model}/${record.id}`
}
