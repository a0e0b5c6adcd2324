import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord, PlaceLabels } from './failure-log.ts'

/** Some machines that go down together at a known time: a zone, a rack, or what a trace of failures says. */
export interface Outage {
  /** `zone-outage` or `trace`. */
  readonly model: string
  /** As they are when it begins. */
  readonly nodes: readonly NodeRow[]
  /** What goes down, for people; the nodes' names by default. */
  readonly target?: string
  /** Where no machine comes up meanwhile; undefined: it hits these machines alone. */
  readonly place?: PlaceLabels | undefined
  readonly at: Micros
  /** How long it lasts. */
  readonly span: Micros
}

/** Plays outages that come in order of their start, without holding more than those that last. */
export function startOutages(
  sim: Simulation,
  log: FailureLog,
  name: string,
  outages: Iterator<Outage>,
): void {
  const lasting = new Map<number, FailureRecord>()
  const end = sim.handler(`${name}/end`, (id) => {
    const record = lasting.get(id)
    if (record === undefined) return
    lasting.delete(id)
    log.end(record)
  })
  let next = outages.next()
  const begin = sim.handler(`${name}/begin`, () => {
    if (next.done === true) return
    const outage = next.value
    const { model, nodes, target: name = '', place } = outage
    const record = log.begin(model, { nodes: [...nodes], name, place })
    lasting.set(record.id, record)
    sim.after(Math.max(1, outage.span), end, record.id)
    next = outages.next()
    scheduleNext()
  })
  const scheduleNext = (): void => {
    if (next.done !== true) sim.at(Math.max(sim.now, next.value.at), begin)
  }
  scheduleNext()
}
