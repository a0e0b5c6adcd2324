import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Handler, PayloadHandler, Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import type { FailingNode } from './node-crash.ts'
import { drawnPart } from './node-group.ts'
import type { NodePart } from './node-group.ts'
import { wholeMicros } from './occurrence.ts'

/** How a cloud takes spot instances back. */
export interface SpotInterruptionOptions {
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal: number
  /** From the notice until the instance is gone. */
  readonly notice: Micros
  /** Hears of a node as it gets its notice, and when it will be gone. */
  readonly noticed: (node: FailingNode, goneAt: Micros) => void
  /** Hears of a node that is gone; `replaced` is called when another one has taken its place. */
  readonly replace: ((row: NodeRow, replaced: () => void) => void) | undefined
}

/** Nodes whose instances are taken back together. */
export interface SpotPool {
  readonly stream: RandomStream
  /** Which nodes there are now. */
  readonly nodes: () => readonly FailingNode[]
  readonly part: NodePart
  /** When once; or the time from one interruption to the next. */
  readonly at: Micros | { readonly timeBetween: Sampler; readonly isRecurring: boolean }
}

/**
 * Spot instances that the cloud takes back: a notice, then the instance is gone for good. The failure begins with the notice, and ends
 * when other nodes have taken the place of all.
 *
 *     whole ─ time between interruptions ─▶ notice ─ 2 min, or 30 s ─▶ gone ─▶ replaced
 *
 * Source: the notice is two minutes at AWS (EC2, Spot Instance interruption notices), 30 s at Google Cloud and Azure (their pages on
 * preemption of Spot VMs). Pools that lose a share of their instances at once: Amazon's capacity pools.
 */
export class SpotInterruptions {
  readonly #sim: Simulation
  readonly #log: FailureLog
  readonly #options: SpotInterruptionOptions
  readonly #pools: SpotPool[] = []
  readonly #noticed = new Set<NodeRow>()
  readonly #interrupt: Handler
  readonly #reclaim: PayloadHandler<FailureRecord>

  constructor(sim: Simulation, log: FailureLog, options: SpotInterruptionOptions) {
    this.#sim = sim
    this.#log = log
    this.#options = options
    const name = `spot-interruption/${options.ordinal}`
    this.#interrupt = sim.handler(`${name}/interrupt`, (pool) => this.#onInterrupt(pool))
    this.#reclaim = sim.payloadHandler<FailureRecord>(`${name}/reclaim`, (record) => this.#onReclaim(record))
  }

  /** From now on nodes of the pool are taken back when their time comes. */
  add(pool: SpotPool): void {
    const id = this.#pools.push(pool) - 1
    if (typeof pool.at === 'number') this.#sim.at(pool.at, this.#interrupt, id)
    else this.#waitFor(id, pool, pool.at.timeBetween)
  }

  #waitFor(id: number, { stream }: SpotPool, timeBetween: Sampler): void {
    this.#sim.after(wholeMicros(timeBetween(stream)), this.#interrupt, id)
  }

  #onInterrupt(id: number): void {
    const pool = this.#pools[id]
    if (pool === undefined) return
    const there = pool.nodes().filter(({ row }) => !this.#noticed.has(row) && !this.#log.isGone(row))
    const nodes = there.length === 0 ? [] : drawnPart(there, pool.part, pool.stream)
    const goneAt = this.#sim.now + wholeMicros(this.#options.notice)
    if (nodes.length > 0) {
      const rows = nodes.map(({ row }) => row)
      const record = this.#log.begin('spot-interruption', { nodes: rows, strikesAt: goneAt })
      this.#sim.atWith(goneAt, this.#reclaim, record)
    }
    for (const node of nodes) {
      this.#noticed.add(node.row)
      this.#options.noticed(node, goneAt)
    }
    if (typeof pool.at !== 'number' && pool.at.isRecurring) this.#waitFor(id, pool, pool.at.timeBetween)
  }

  #onReclaim(record: FailureRecord): void {
    const left = record.nodes.filter((row) => !this.#log.isGone(row))
    this.#log.strike(record, true)
    let missing = left.length
    if (missing === 0) this.#log.end(record)
    for (const row of left) {
      this.#options.replace?.(row, () => {
        missing -= 1
        if (missing === 0) this.#log.end(record)
      })
    }
  }
}
