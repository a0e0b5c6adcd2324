import { assert } from '../base/assert.ts'
import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import type { EffectDraw } from './effect.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { drawnPart, placeOf } from './node-group.ts'
import type { NodeGroup, NodePart } from './node-group.ts'
import { Occurrences, wholeMicros } from './occurrence.ts'

/** How a failed domain takes another one with it. */
export interface Cascade {
  /** From 0 to 1. */
  readonly probability: number
  /** From the failure of the one to that of the other. */
  readonly delay: Sampler
  /** The next one in order of names, the first after the last, or any. */
  readonly to: 'next' | 'any'
}

/** How failure domains fail. */
export interface DomainOutageOptions {
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal: number
  /** Time of one domain from the start, or the end of its last failure, to the next. */
  readonly timeBetweenFailures: Sampler
  readonly repair: Sampler
  /** What part of a domain's nodes each failure hits. */
  readonly part: NodePart
  readonly effect: EffectDraw
  readonly cascade: Cascade | undefined
}

/**
 * Nodes that share something fail together: each domain (rack, switch, zone, region) is whole and broken by turns, by a stream of its
 * own. A failure may bring down another domain that is whole, after a delay, and that one a third.
 *
 * Cascades draw from streams of their own, so that they move no failure that would have happened without them. Source of the form:
 * correlated failures in bursts, Ford et al., Availability in Globally Distributed Storage Systems, OSDI 2010, section 3.
 */
export class DomainOutages {
  readonly #sim: Simulation
  readonly #log: FailureLog
  readonly #domains: readonly NodeGroup[]
  readonly #options: DomainOutageOptions
  /** How many failures each domain has just now. */
  readonly #broken: number[]
  readonly #lasting = new Map<number, { readonly record: FailureRecord; readonly domain: number }>()
  readonly #spread: Handler
  readonly #mend: Handler

  constructor(sim: Simulation, log: FailureLog, domains: readonly NodeGroup[], options: DomainOutageOptions) {
    this.#sim = sim
    this.#log = log
    this.#domains = domains
    this.#options = options
    this.#broken = domains.map(() => 0)
    const name = `domain-outage/${options.ordinal}`
    this.#spread = sim.handler(`${name}/spread`, (from) => this.#onSpread(from))
    this.#mend = sim.handler(`${name}/mend`, (id) => this.#onMend(id))
    const { timeBetweenFailures, repair: span } = options
    const outages = new Occurrences(sim, log, {
      model: 'domain-outage',
      handlers: { begin: `${name}/begin`, end: `${name}/end` },
      occurrence: { kind: 'recurring', timeBetweenFailures, span },
    })
    domains.forEach((domain, id) => {
      outages.add({
        id,
        stream: sim.random.stream(`failure/${name}/${domain.name}`),
        strike: (stream) => {
          const nodes = drawnPart(domain.nodes(), options.part, stream)
          if (nodes.length === 0) return undefined
          const place = placeOf(domain, options.part)
          return { nodes, effect: options.effect(stream), name: domain.name, place }
        },
        began: () => this.#began(id),
        ended: () => this.#change(id, -1),
      })
    })
  }

  #began(domain: number): void {
    this.#change(domain, 1)
    const { cascade } = this.#options
    if (cascade === undefined) return
    const stream = this.#streamOf(domain)
    if (stream.uniform() >= cascade.probability) return
    this.#sim.after(wholeMicros(cascade.delay(stream)), this.#spread, domain)
  }

  #onSpread(from: number): void {
    const stream = this.#streamOf(from)
    const to = this.#nextVictim(from, stream)
    const domain = to === undefined ? undefined : this.#domains[to]
    if (to === undefined || domain === undefined) return
    const { part, effect } = this.#options
    const nodes = drawnPart(domain.nodes(), part, stream)
    if (nodes.length === 0) return
    const name = `${domain.name} after ${this.#domains[from]?.name ?? ''}`
    const place = placeOf(domain, part)
    const record = this.#log.begin('domain-outage', { nodes, effect: effect(stream), name, place })
    this.#lasting.set(record.id, { record, domain: to })
    this.#sim.after(wholeMicros(this.#options.repair(stream)), this.#mend, record.id)
    this.#began(to)
  }

  #onMend(id: number): void {
    const lasting = this.#lasting.get(id)
    assert(lasting !== undefined, () => `failure ${id} of a domain never began`)
    this.#lasting.delete(id)
    this.#log.end(lasting.record)
    this.#change(lasting.domain, -1)
  }

  /** Another domain that is whole; undefined when all are broken. */
  #nextVictim(from: number, stream: RandomStream): number | undefined {
    const count = this.#domains.length
    const others = Array.from({ length: count - 1 }, (_, step) => (from + step + 1) % count)
    const whole = others.filter((domain) => this.#broken[domain] === 0)
    if (whole.length === 0 || this.#options.cascade?.to === 'next') return whole[0]
    return whole[stream.integer(whole.length)]
  }

  #change(domain: number, by: number): void {
    this.#broken[domain] = (this.#broken[domain] ?? 0) + by
  }

  #streamOf(domain: number): RandomStream {
    const { ordinal } = this.#options
    return this.#sim.random.stream(
      `failure/domain-outage/${ordinal}/cascade/${this.#domains[domain]?.name ?? ''}`,
    )
  }
}
