import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { NodeShutdown, ShutdownGrace } from '../node/node-shutdown.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { wholeMicros } from './occurrence.ts'

/** Maintenance that comes around again, a few nodes at a time. */
export interface MaintenanceWavesOptions {
  /** Names its handlers: `maintenance/2`. */
  readonly name: string
  /** Nodes that have a machine now. */
  readonly nodes: () => readonly NodeRow[]
  /** When the first window opens. */
  readonly first: Micros | undefined
  /** When the next window opens, after an instant; undefined: never. */
  readonly next: (after: Micros) => Micros | undefined
  /** How long after it has opened no more wave begins; undefined: as long as it takes. */
  readonly window: Micros | undefined
  /** Nodes out of service at a time, of so many. */
  readonly nodesMax: (count: number) => number
  /** How long each stays down once its pods have ended. */
  readonly span: Micros
  readonly graces: readonly ShutdownGrace[]
}

/**
 * Maintenance by the clock: a window opens, nodes are shut down gracefully, so many at a time, and the next wave begins when all of the
 * former are back. What the window leaves over goes on in the next one; a new round begins only when the last one is through.
 */
export class MaintenanceWaves {
  readonly #sim: Simulation
  readonly #log: FailureLog
  readonly #shutdown: NodeShutdown
  readonly #options: MaintenanceWavesOptions
  readonly #open: Handler
  readonly #end: PayloadHandler<FailureRecord>
  /** Nodes whose turn is still to come in this round. */
  #left: NodeRow[] = []
  #wave = 0
  #underWay = 0
  #closesAt: Micros = 0

  constructor(
    sim: Simulation,
    parts: { readonly log: FailureLog; readonly shutdown: NodeShutdown },
    options: MaintenanceWavesOptions,
  ) {
    this.#sim = sim
    this.#log = parts.log
    this.#shutdown = parts.shutdown
    this.#options = options
    this.#open = sim.handler(`${options.name}/open`, () => this.#onOpen())
    this.#end = sim.payloadHandler<FailureRecord>(`${options.name}/end`, (record) => this.#onEnd(record))
    if (options.first !== undefined) sim.at(options.first, this.#open)
  }

  #onOpen(): void {
    const { now } = this.#sim
    const { nodes, next, window } = this.#options
    this.#closesAt = window === undefined ? NEVER : now + window
    if (this.#left.length === 0 && this.#underWay === 0) {
      this.#left = [...nodes()]
      this.#wave = Math.max(1, this.#options.nodesMax(this.#left.length))
    }
    this.#startWave()
    const opensAt = next(now)
    if (opensAt !== undefined) this.#sim.at(opensAt, this.#open)
  }

  #startWave(): void {
    const { span, graces } = this.#options
    if (this.#underWay > 0 || this.#sim.now >= this.#closesAt) return
    this.#left = this.#left.filter((node) => !this.#log.isGone(node))
    const wave = this.#left.splice(0, this.#wave)
    this.#underWay = wave.length
    for (const node of wave) {
      this.#shutdown.start(node, graces, () => {
        const record = this.#log.begin('maintenance', { nodes: [node] })
        this.#sim.afterWith(wholeMicros(span), this.#end, record)
      })
    }
  }

  #onEnd(record: FailureRecord): void {
    this.#log.end(record)
    this.#underWay -= 1
    this.#startWave()
  }
}
