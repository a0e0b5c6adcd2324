import { assert } from '../../base/assert.ts'
import type { Micros } from '../../base/time.ts'
import type { ApiAvailability } from '../../cluster/api-availability.ts'
import type { Simulation } from '../../engine/simulation.ts'

const CAUSE = 'api-servers'

/** The replicas of the API server: which of them run. Without any nobody reads or writes. */
export class ApiServers {
  readonly #sim: Simulation
  readonly #availability: ApiAvailability
  /** How many causes hold each replica down. */
  readonly #down: number[]
  readonly #observers: ((replica: number, isUp: boolean) => void)[] = []

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

  /** Tells of each replica that goes down or comes up. */
  onChange(observer: (replica: number, isUp: boolean) => void): void {
    this.#observers.push(observer)
  }

  /** Replicas go down, or have one cause more to be so. */
  stop(replicas: readonly number[]): void {
    for (const replica of replicas) this.#add(replica, 1)
    if (this.running.length > 0) return
    this.#allDownAt = this.#sim.now
    this.#availability.stop(CAUSE)
  }

  /** One cause less for each. */
  start(replicas: readonly number[]): void {
    for (const replica of replicas) this.#add(replica, -1)
    if (this.running.length > 0) this.#availability.resume(CAUSE)
  }

  #add(replica: number, causes: 1 | -1): void {
    const before = this.#down[replica]
    assert(before !== undefined && before + causes >= 0, () => `API server ${replica} is not down`)
    this.#down[replica] = before + causes
    if (before > 0 && before + causes > 0) return
    for (const observer of this.#observers) observer(replica, causes < 0)
  }
}
