import { assert } from '../../base/assert.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiAvailability } from '../../cluster/api-availability.ts'
import type { Simulation } from '../../engine/simulation.ts'

const CAUSE = 'api-servers'

/**
 * How clients of a server that goes down find out: `closed`, their connections end; `silent`, nothing more comes over them.
 */
export type LostConnections = 'closed' | 'silent'

/** A server went down or came up. */
export interface ServerChange {
  /** From 0. */
  readonly replica: number
  readonly isUp: boolean
  readonly connections: LostConnections
}

/** The replicas of the API server: which of them run. Without any nobody reads or writes. */
export class ApiServers {
  readonly #sim: Simulation
  readonly #availability: ApiAvailability
  /** How many causes hold each replica down. */
  readonly #down: number[]
  readonly #observers: ((change: ServerChange) => void)[] = []

  /** When the last of them went down last; before the start for never. */
  #allDownAt: Micros = -1

  constructor(sim: Simulation, availability: ApiAvailability, count: number) {
    this.#sim = sim
    this.#availability = availability
    this.#down = Array.from({ length: count }, () => 0)
  }

  /** Replicas, down or not. */
  get count(): number {
    return this.#down.length
  }

  /** Numbers of those that run, from 0. */
  get running(): readonly number[] {
    return this.#down.flatMap((causes, replica) => (causes === 0 ? [replica] : []))
  }

  /** Whether none ran at that instant, or at one since. */
  hasBeenDownSince(at: Micros): boolean {
    return this.running.length === 0 || this.#allDownAt >= at
  }

  /** Whether writes are taken once these replicas have a cause less to be down. */
  wouldTakeWrites(replicas: readonly number[]): boolean {
    const isUp = replicas.some((replica) => this.#down[replica] === 1)
    return isUp && this.#availability.causes.every((cause) => cause === CAUSE)
  }

  /** Tells of each replica that goes down or comes up, once all that change with it have. */
  onChange(observer: (change: ServerChange) => void): void {
    this.#observers.push(observer)
  }

  /** Replicas go down, or have one cause more to be so. */
  stop(replicas: readonly number[], connections: LostConnections = 'closed'): void {
    const stopped = replicas.filter((replica) => this.#add(replica, 1) === 1)
    if (this.running.length === 0) {
      this.#allDownAt = this.#sim.now
      this.#availability.stop(CAUSE)
    }
    for (const replica of stopped) this.#tell({ replica, isUp: false, connections })
  }

  /** One cause less for each. */
  start(replicas: readonly number[]): void {
    const started = replicas.filter((replica) => this.#add(replica, -1) === 0)
    if (this.running.length > 0) this.#availability.resume(CAUSE)
    for (const replica of started) this.#tell({ replica, isUp: true, connections: 'closed' })
  }

  #add(replica: number, causes: 1 | -1): number {
    const before = this.#down[replica]
    assert(before !== undefined && before + causes >= 0, () => `API server ${replica} is not down`)
    this.#down[replica] = before + causes
    return before + causes
  }

  #tell(change: ServerChange): void {
    for (const observer of this.#observers) observer(change)
  }
}
