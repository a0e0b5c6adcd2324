import { assert } from '../base/assert.ts'
import type { Micros } from '../base/time.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { ApiAvailability } from './api-availability.ts'
import type { ApiLoad } from './api-load.ts'
import { seatsOf } from './priority-levels.ts'
import type { LevelSeats, PriorityLevelName } from './priority-levels.ts'

/** How an API server takes writes. */
export interface RequestServerOptions {
  /** `--max-requests-inflight` and `--max-mutating-requests-inflight` together, of all servers. */
  readonly seats: number
  /** How long a write holds its seat: until etcd has it; drawn for each. */
  readonly latency: () => Micros
}

/** A write that asks for a seat. */
export interface SeatRequest {
  readonly level: PriorityLevelName
  /** Whose it is: requests of one flow are served in order, flows of one level take turns. */
  readonly flow: string
  /** Makes the write: looks again at what it is about. */
  readonly write: () => void
}

interface QueuedRequest extends SeatRequest {
  readonly since: Micros
}

interface Level extends LevelSeats {
  inUse: number
  /** Requests that wait, by flow; the flow whose turn it is comes first. */
  readonly flows: Map<string, QueuedRequest[]>
}

interface Served {
  readonly request: SeatRequest
  readonly level: Level
  readonly since: Micros
}

/**
 * API priority and fairness: each write occupies a seat of its level until it is done; without a free one it waits in the queue of its
 * flow. A level that has none left borrows what others lend and do not use.
 *
 * Approximates fair queuing by turns, for all writes take one seat; shuffle sharding by a queue for each flow; the adjustment of borrowed seats every 10 s
 * by a look at each request; and refuses none (the real one does from 50 in a queue on). Source: Kubernetes v1.37, apiserver
 * util/flowcontrol; KEP-1040.
 */
export class RequestServer {
  readonly #sim: Simulation
  readonly #availability: ApiAvailability
  readonly #load: ApiLoad
  readonly #options: RequestServerOptions
  readonly #levels: readonly Level[]
  readonly #done: PayloadHandler<Served>
  /** When the last write of each flow is done that has a seat: they are made in order. */
  readonly #lastDone = new Map<string, Micros>()
  /** Writes that were about to be made as the server stopped taking any. */
  #held: Served[] = []
  #inUse = 0

  constructor(
    parts: { readonly sim: Simulation; readonly availability: ApiAvailability; readonly load: ApiLoad },
    options: RequestServerOptions,
  ) {
    this.#sim = parts.sim
    this.#availability = parts.availability
    this.#load = parts.load
    this.#options = options
    this.#levels = seatsOf(options.seats).map((level) => ({ ...level, inUse: 0, flows: new Map() }))
    this.#done = parts.sim.payloadHandler<Served>('request-server/done', (served) => this.#onDone(served))
    parts.availability.watch('request-server', (takesWrites) => {
      if (takesWrites) for (const served of this.#held.splice(0)) this.#onDone(served)
    })
  }

  /** Seats that are occupied now. */
  get inUse(): number {
    return this.#inUse
  }

  /** Asks for a write, which is made later. */
  request(request: SeatRequest): void {
    const level = this.#levelOf(request.level)
    if (level.flows.size === 0 && this.#hasSeat(level)) {
      this.#serve(level, request)
      return
    }
    const queue = level.flows.get(request.flow)
    const queued = { ...request, since: this.#sim.now }
    if (queue === undefined) level.flows.set(request.flow, [queued])
    else queue.push(queued)
  }

  #hasSeat(level: Level): boolean {
    if (level.inUse < level.nominal) return true
    if (this.#inUse >= this.#options.seats) return false
    let lent = 0
    for (const other of this.#levels) {
      if (other !== level) lent += Math.max(0, Math.min(other.lendable, other.nominal - other.inUse))
    }
    return level.inUse < level.nominal + lent
  }

  #serve(level: Level, request: SeatRequest): void {
    level.inUse += 1
    this.#inUse += 1
    const since = this.#sim.now
    const at = Math.max(since + this.#options.latency(), this.#lastDone.get(request.flow) ?? 0)
    this.#lastDone.set(request.flow, at)
    this.#sim.atWith(at, this.#done, { request, level, since })
  }

  #onDone(served: Served): void {
    if (!this.#availability.takesWrites) {
      this.#held.push(served)
      return
    }
    const { request, level, since } = served
    level.inUse -= 1
    this.#inUse -= 1
    this.#load.told({ client: request.flow, reason: 'etcd', from: since, until: this.#sim.now })
    request.write()
    for (const waiting of this.#levels) this.#serveQueued(waiting)
  }

  /** Gives free seats to the flows of a level by turns. */
  #serveQueued(level: Level): void {
    for (const [flow, queue] of level.flows) {
      if (!this.#hasSeat(level)) return
      const next = queue.shift()
      level.flows.delete(flow)
      if (next === undefined) continue
      if (queue.length > 0) level.flows.set(flow, queue)
      this.#load.told({ client: flow, reason: 'no seat', from: next.since, until: this.#sim.now })
      this.#serve(level, next)
    }
  }

  #levelOf(name: PriorityLevelName): Level {
    const level = this.#levels.find((one) => one.name === name)
    assert(level !== undefined, () => `there is no priority level ${name}`)
    return level
  }
}
