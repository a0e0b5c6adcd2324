import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { CloudApi } from '../node/cloud-api.ts'
import type { Registries } from '../node/images/registries.ts'
import type { SwarmKind } from '../scenario/failures/swarm.ts'
import { causeOf } from './failure-log.ts'
import type { FailureEffect, FailureLog, FailureRecord } from './failure-log.ts'
import { drawnPart } from './node-group.ts'
import type { NodeGroup } from './node-group.ts'
import { wholeMicros } from './occurrence.ts'

/** How a swarm of failures comes. */
export interface SwarmOptions {
  /** Which of several swarms of a run it is, from 0. */
  readonly ordinal: number
  readonly timeBetweenFailures: Sampler
  readonly span: Sampler
  readonly kinds: readonly SwarmKind[]
  /** From above 0 to 1: how much each failure may take. */
  readonly severity: number
  /** No failure begins after; `NEVER` for no end. */
  readonly until: Micros
}

/** What a swarm acts on. */
export interface SwarmParts {
  readonly log: FailureLog
  readonly cloud: CloudApi
  /** Undefined: no image is pulled. */
  readonly registries: Registries | undefined
  /** Nodes that could fail now. */
  readonly nodes: () => readonly NodeRow[]
  readonly domains: readonly NodeGroup[]
}

/** Calls a second that a cloud lets through at the greatest severity. */
const CLOUD_QPS_MIN = 0.05

/**
 * Failures of many kinds at random moments, all from one stream: what a swarm test throws at a cluster. Each hits up to the share of the
 * nodes that the severity says, at least one; a domain is hit whole. They overlap as they come.
 *
 * Source of the idea: Groce et al., Swarm Testing, ISSTA 2012.
 */
export class Swarm {
  readonly #sim: Simulation
  readonly #parts: SwarmParts
  readonly #options: SwarmOptions
  readonly #stream: RandomStream
  readonly #begin: Handler
  readonly #end: PayloadHandler<FailureRecord>

  constructor(sim: Simulation, parts: SwarmParts, options: SwarmOptions) {
    this.#sim = sim
    this.#parts = parts
    this.#options = options
    const name = `swarm/${options.ordinal}`
    this.#stream = sim.random.stream(`failure/${name}`)
    this.#begin = sim.handler(`${name}/begin`, () => this.#onBegin())
    this.#end = sim.payloadHandler<FailureRecord>(`${name}/end`, (record) => this.#onEnd(record))
    this.#waitForNext()
  }

  #waitForNext(): void {
    const at = this.#sim.now + wholeMicros(this.#options.timeBetweenFailures(this.#stream))
    if (at <= this.#options.until) this.#sim.at(at, this.#begin)
  }

  #onBegin(): void {
    const { kinds } = this.#options
    const kind = kinds[this.#stream.integer(kinds.length)]
    const span = wholeMicros(this.#options.span(this.#stream))
    const record = kind === undefined ? undefined : this.#strike(kind)
    if (record !== undefined) this.#sim.afterWith(span, this.#end, record)
    this.#waitForNext()
  }

  #strike(kind: SwarmKind): FailureRecord | undefined {
    const { log } = this.#parts
    if (kind === 'registry' || kind === 'cloud') {
      const record = log.begin('swarm', { effect: { kind: 'none' }, name: kind })
      this.#trouble(kind, causeOf(record))
      return record
    }
    const domain = kind === 'domain' ? this.#domain() : undefined
    const nodes = kind === 'domain' ? (domain?.nodes() ?? []) : this.#someNodes()
    if (nodes.length === 0) return undefined
    return log.begin('swarm', { nodes, effect: this.#effect(kind), name: kind, place: domain?.place })
  }

  #trouble(kind: 'registry' | 'cloud', cause: string): void {
    const { severity } = this.#options
    const drawn = severity * this.#stream.uniform()
    if (kind === 'cloud') {
      const qps = Math.max(CLOUD_QPS_MIN, 1 - drawn)
      this.#parts.cloud.throttle(cause, { qps, latencyFactor: 1 + 9 * drawn })
    } else if (drawn > 0.5) this.#parts.registries?.fail('', cause)
    else this.#parts.registries?.slow('', 1 + 20 * drawn, cause)
  }

  #effect(kind: Exclude<SwarmKind, 'registry' | 'cloud'>): FailureEffect {
    const { severity } = this.#options
    switch (kind) {
      case 'crash':
      case 'domain':
        return { kind: 'down' }
      case 'partition':
        return { kind: 'cutOff' }
      case 'hang':
        return { kind: 'hung' }
      case 'diskFull':
        return { kind: 'diskFull', share: severity * this.#stream.uniform() }
      case 'slow': {
        const speed = (): number => 1 - 0.99 * severity * this.#stream.uniform()
        return { kind: 'slow', speed: { cpu: speed(), disk: speed(), network: speed() } }
      }
    }
  }

  #someNodes(): readonly NodeRow[] {
    const nodes = this.#parts.nodes().map((row) => ({ row }))
    const most = Math.max(1, Math.round(this.#options.severity * nodes.length))
    const count = 1 + this.#stream.integer(most)
    return drawnPart(nodes, { count }, this.#stream).map(({ row }) => row)
  }

  #domain(): NodeGroup | undefined {
    const { domains } = this.#parts
    return domains[this.#stream.integer(domains.length)]
  }

  #onEnd(record: FailureRecord): void {
    this.#parts.log.end(record)
    this.#parts.cloud.restore(causeOf(record))
    this.#parts.registries?.restore(causeOf(record))
  }
}
