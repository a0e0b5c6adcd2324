import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { wholeMicros } from './occurrence.ts'

/** What releases versions of a workload, and takes them back. */
export interface Releases {
  /** What is released, for people: `Deployment default/web`. */
  readonly name: string
  /** Rolls out the version of this number, from 1; false when it cannot. */
  readonly release: (version: number, isBad: boolean) => boolean
  /** Whether anybody hears of what is rolled out or taken back now. */
  readonly answers: () => boolean
  /** Takes the last one back. */
  readonly undo: () => void
}

/** How often somebody who takes a version back tries again without an answer. Ours. */
const UNDO_RETRY: Micros = 10 * SECOND

/** When versions are rolled out, and how many of them are bad. */
export interface BadRolloutOptions {
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal: number
  /** One instant, or times between rollouts. */
  readonly at: Micros | { readonly timeBetween: Sampler }
  /** That a version is bad. */
  readonly probability: number
  /** From a bad rollout until it is undone; undefined: it is not, or only by the next one. */
  readonly undoAfter: Sampler | undefined
}

/**
 * Rollouts of which some are bad: a version that crashes or never becomes ready. What happens then is the workload's own strategy:
 * a Deployment stops at its maxUnavailable, a StatefulSet at its first pod. The failure ends as the rollout is undone, or by the next
 * version.
 */
export class BadRollouts {
  readonly #sim: Simulation
  readonly #log: FailureLog
  readonly #releases: Releases
  readonly #options: BadRolloutOptions
  readonly #stream: RandomStream
  readonly #release: Handler
  readonly #undo: Handler
  #version = 0
  #bad: FailureRecord | undefined

  constructor(sim: Simulation, log: FailureLog, releases: Releases, options: BadRolloutOptions) {
    this.#sim = sim
    this.#log = log
    this.#releases = releases
    this.#options = options
    const name = `bad-rollout/${options.ordinal}`
    this.#stream = sim.random.stream(`failure/${name}`)
    this.#release = sim.handler(`${name}/release`, () => this.#onRelease())
    this.#undo = sim.handler(`${name}/undo`, (id) => this.#onUndo(id))
    if (typeof options.at === 'number') sim.at(options.at, this.#release)
    else this.#waitFor(options.at.timeBetween)
  }

  #waitFor(timeBetween: Sampler): void {
    this.#sim.after(wholeMicros(timeBetween(this.#stream)), this.#release)
  }

  #onRelease(): void {
    const { at, probability, undoAfter } = this.#options
    const isBad = this.#stream.uniform() < probability
    this.#version += 1
    if (this.#releases.release(this.#version, isBad)) {
      this.#end()
      if (isBad) {
        const record = this.#log.begin('bad-rollout', { effect: { kind: 'none' }, name: this.#releases.name })
        this.#bad = record
        if (undoAfter !== undefined) {
          this.#sim.after(wholeMicros(undoAfter(this.#stream)), this.#undo, record.id)
        }
      }
    }
    if (typeof at !== 'number') this.#waitFor(at.timeBetween)
  }

  #onUndo(id: number): void {
    if (this.#bad?.id !== id) return // Another version has taken its place.
    if (!this.#releases.answers()) {
      this.#sim.after(UNDO_RETRY, this.#undo, id)
      return
    }
    this.#releases.undo()
    this.#end()
  }

  #end(): void {
    if (this.#bad !== undefined) this.#log.end(this.#bad)
    this.#bad = undefined
  }
}
