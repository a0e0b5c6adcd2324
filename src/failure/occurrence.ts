import { assert } from '../base/assert.ts'
import type { Sampler } from '../base/distribution.ts'
import type { RandomStream } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord, FailureTarget } from './failure-log.ts'

/** When something fails, and for how long. */
export type Occurrence =
  | { readonly kind: 'once'; readonly at: Micros; readonly span: Sampler }
  /** A renewal process: whole for a time, broken for a time. Without a span what broke stays so. */
  | {
      readonly kind: 'recurring'
      readonly timeBetweenFailures: Sampler
      readonly span: Sampler | undefined
    }

/** What fails as one: a node, the nodes of a domain, a registry. */
export interface FailingThing {
  /** Of this thing alone among those of its model. */
  readonly id: number
  /** Draws of its times, and of what is hit: a stream of its own, so that nothing else moves them. */
  readonly stream: RandomStream
  /** What fails now; undefined: there is nothing that could, and it is its turn again later. */
  readonly strike: (stream: RandomStream) => FailureTarget | undefined
  /** Whether it will never fail any more: it is gone. */
  readonly isOver?: () => boolean
  /** It began; with how long it will last, where that is known. */
  readonly began?: (record: FailureRecord, span: Micros | undefined) => void
  readonly ended?: (record: FailureRecord) => void
}

/** How failures of one model happen. */
export interface OccurrenceOptions {
  /** Name of the model in the log. */
  readonly model: string
  /** Names of the handlers, of this model of the scenario alone. */
  readonly handlers: { readonly begin: string; readonly end: string }
  readonly occurrence: Occurrence
}

/**
 * Lets things fail when their time has come: each at one instant, or each on its own again and again. One timer a thing.
 *
 *     whole ─ time between failures ─▶ broken ─ span ─▶ whole …
 */
export class Occurrences {
  readonly #sim: Simulation
  readonly #log: FailureLog
  readonly #options: OccurrenceOptions
  readonly #things = new Map<number, FailingThing>()
  readonly #lasting = new Map<number, FailureRecord>()
  /** How much longer things stay broken that are so from the start. */
  readonly #remaining = new Map<number, Micros>()
  readonly #begin: Handler
  readonly #end: Handler

  constructor(sim: Simulation, log: FailureLog, options: OccurrenceOptions) {
    this.#sim = sim
    this.#log = log
    this.#options = options
    const { begin, end } = options.handlers
    this.#begin = sim.handler(begin, (id) => this.#onBegin(this.#thing(id)))
    this.#end = sim.handler(end, (id) => this.#onEnd(this.#thing(id)))
  }

  /**
   * From now on the thing fails when its time comes. One that fails again and again may have done so for an `age` before: then what
   * is left of its time now, or of its failure, follows from failures that nobody saw.
   */
  add(thing: FailingThing, age: Micros = 0): void {
    assert(!this.#things.has(thing.id), () => `${this.#options.model} ${thing.id} fails already`)
    this.#things.set(thing.id, thing)
    const { occurrence } = this.#options
    if (occurrence.kind === 'once') this.#sim.at(occurrence.at, this.#begin, thing.id)
    else if (age === 0) this.#waitFor(thing)
    else this.#sim.after(this.#firstWait(thing, occurrence, age), this.#begin, thing.id)
  }

  /** Plays a past without anybody hearing of it; time until the thing fails next, at once if it is broken now. */
  #firstWait(thing: FailingThing, occurrence: Occurrence & { kind: 'recurring' }, age: Micros): Micros {
    const { timeBetweenFailures, span } = occurrence
    for (let at = -age; ;) {
      at += wholeMicros(timeBetweenFailures(thing.stream))
      if (at > 0) return at
      // What broke for good was replaced long ago.
      if (span !== undefined) at += wholeMicros(span(thing.stream))
      if (at <= 0) continue
      this.#remaining.set(thing.id, at)
      return 1
    }
  }

  #onBegin(thing: FailingThing): void {
    if (thing.isOver?.() === true) {
      this.#things.delete(thing.id)
      return
    }
    const target = thing.strike(thing.stream)
    if (target === undefined) {
      this.#waitFor(thing)
      return
    }
    const record = this.#log.begin(this.#options.model, target)
    this.#lasting.set(thing.id, record)
    const drawn = this.#remaining.get(thing.id) ?? this.#options.occurrence.span?.(thing.stream)
    this.#remaining.delete(thing.id)
    const span = drawn === undefined ? undefined : wholeMicros(drawn)
    if (span !== undefined) this.#sim.after(span, this.#end, thing.id)
    thing.began?.(record, span)
  }

  #onEnd(thing: FailingThing): void {
    const record = this.#lasting.get(thing.id)
    this.#lasting.delete(thing.id)
    if (record !== undefined) {
      this.#log.end(record)
      thing.ended?.(record)
    }
    this.#waitFor(thing)
  }

  #waitFor(thing: FailingThing): void {
    const { occurrence } = this.#options
    if (occurrence.kind === 'once') return
    this.#sim.after(wholeMicros(occurrence.timeBetweenFailures(thing.stream)), this.#begin, thing.id)
  }

  #thing(id: number): FailingThing {
    const thing = this.#things.get(id)
    assert(thing !== undefined, () => `${this.#options.model} ${id} was never told of`)
    return thing
  }
}

/** Spans are whole microseconds, and a failure lasts at least one. */
export function wholeMicros(span: Micros): Micros {
  return Math.max(1, Math.round(span))
}
