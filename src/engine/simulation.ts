import { InvariantError, assert } from '../base/assert.ts'
import { RandomStreams } from '../base/random.ts'
import { NEVER, formatInstant } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { EventLog, hashName } from './event-log.ts'
import type { EventKind, EventLogMode } from './event-log.ts'
import { EventQueue } from './event-queue.ts'
import type { TakenEvent } from './event-queue.ts'

/** A registered handler: what an event names. */
export type Handler = number & { readonly brand: 'Handler' }

/** A registered handler that is given an object. */
export interface PayloadHandler<T> {
  readonly handler: Handler
  /** Never read: ties the payload's type to the handler. */
  readonly takes?: (payload: T) => void
}

/** A scheduled event, for cancelling it. Stale once it ran: cancelling it then does nothing. */
export type Timer = number & { readonly brand: 'Timer' }

/**
 * Events that come in order from elsewhere, a trace's arrivals, and never enter the queue. When the next is due may
 * only change while the source runs an item, and between the runs of the simulation.
 */
export interface EventSource {
  /** Time of the next item; `NEVER` when there is none for now. Never before the item that ran last. */
  nextAt(): Micros
  /** Runs exactly one item. */
  run(): void
}

/**
 * Why a run came back: nothing is left, the time was reached, somebody called `stop`, or the number of events that it
 * was allowed have run.
 */
export type StopReason = 'quiet' | 'until' | 'stopped' | 'paused'

interface NamedSource extends EventKind {
  readonly source: EventSource
}

interface NamedHandler extends EventKind {
  readonly run: (a: number, b: number) => void
}

/** Settings of a simulation. */
export interface SimulationOptions {
  readonly seed: string | number
  /** `none` by default. */
  readonly log?: EventLogMode
}

/**
 * The clock, the pending events and the streams of chance of one run. Knows no domain word.
 *
 * Events run in the order of (time, sequence); at one instant, items of sources go before queued events, sources in
 * order of registration. A handler has a name, takes two numbers (or a payload), and runs to its end.
 */
export class Simulation {
  readonly random: RandomStreams
  readonly log: EventLog
  readonly #queue = new EventQueue()
  readonly #handlers: NamedHandler[] = []
  readonly #sources: NamedSource[] = []
  readonly #payloads: unknown[] = []
  readonly #freePayloads: number[] = []
  readonly #event: TakenEvent = { time: 0, handler: 0, a: 0, b: 0 }
  readonly #isLogging: boolean
  #now: Micros = 0
  #executed = 0
  /** The source whose item is due first, and when. */
  #nextSource: NamedSource | undefined
  #nextSourceAt: Micros = NEVER
  #isStopping = false

  constructor(options: SimulationOptions) {
    this.random = new RandomStreams(options.seed)
    this.log = new EventLog(options.log ?? 'none')
    this.#isLogging = (options.log ?? 'none') !== 'none'
  }

  get now(): Micros {
    return this.#now
  }

  /** Events that have run. */
  get executed(): number {
    return this.#executed
  }

  /** Queued events that wait; items of sources are not counted. */
  get pending(): number {
    return this.#queue.pending
  }

  /** Registers a handler under a name of its own, `component/verb`. */
  handler(name: string, run: (a: number, b: number) => void): Handler {
    assert(!this.#handlers.some((other) => other.name === name), () => `two handlers are named ${name}`)
    return (this.#handlers.push({ name, hash: hashName(name), run }) - 1) as Handler
  }

  /** Registers a handler that is given plain data; the data must not change after it was scheduled. */
  payloadHandler<T>(name: string, run: (payload: T) => void): PayloadHandler<T> {
    const handler = this.handler(name, (slot) => {
      const payload = this.#payloads[slot] as T
      this.#payloads[slot] = undefined
      this.#freePayloads.push(slot)
      run(payload)
    })
    return { handler }
  }

  /** Merges a source of events in; see `EventSource`. */
  source(name: string, source: EventSource): void {
    this.#sources.push({ name, hash: hashName(name), source })
    this.#findNextSource()
  }

  at(time: Micros, handler: Handler, a = 0, b = 0): Timer {
    if (!(time >= this.#now && time < NEVER)) throw this.#notFromNowOn(time, handler)
    return this.#queue.push(time, handler, a, b) as Timer
  }

  after(delay: Micros, handler: Handler, a = 0, b = 0): Timer {
    return this.at(this.#now + delay, handler, a, b)
  }

  atWith<T>(time: Micros, handler: PayloadHandler<T>, payload: T): Timer {
    const slot = this.#freePayloads.pop() ?? this.#payloads.length
    this.#payloads[slot] = payload
    return this.at(time, handler.handler, slot)
  }

  afterWith<T>(delay: Micros, handler: PayloadHandler<T>, payload: T): Timer {
    return this.atWith(this.#now + delay, handler, payload)
  }

  /** Takes a scheduled event back; false when it ran or was cancelled before. */
  cancel(timer: Timer): boolean {
    return this.#queue.cancel(timer)
  }

  /** Time of the next event of any kind; `NEVER` when nothing is left. */
  peek(): Micros {
    this.#findNextSource()
    return Math.min(this.#queue.peekTime(), this.#nextSourceAt)
  }

  /**
   * Runs all events up to and at `until`, or to quiescence. With a reached `until` the clock stands at it. After
   * `eventsMax` events it comes back wherever it is, to be called again.
   */
  run(until: Micros = NEVER, eventsMax = Number.POSITIVE_INFINITY): StopReason {
    this.#isStopping = false
    this.#findNextSource()
    for (let events = 0; this.#runNext(until);) {
      if (this.#isStopping) return 'stopped'
      events += 1
      if (events >= eventsMax) return 'paused'
    }
    if (until !== NEVER) this.#now = Math.max(this.#now, until)
    return this.#queue.pending === 0 && this.#nextSourceAt === NEVER ? 'quiet' : 'until'
  }

  /** Runs one event; false when nothing is left. */
  step(): boolean {
    this.#findNextSource()
    return this.#runNext(NEVER)
  }

  /** Ends `run` after the present event. */
  stop(): void {
    this.#isStopping = true
  }

  #runNext(until: Micros): boolean {
    if (this.#queue.pop(this.#event, until, this.#nextSourceAt)) {
      this.#runQueued(this.#event)
      return true
    }
    if (this.#nextSource === undefined || this.#nextSourceAt > until) return false
    this.#runSource(this.#nextSource)
    this.#findNextSource()
    return true
  }

  #findNextSource(): void {
    this.#nextSource = undefined
    this.#nextSourceAt = NEVER
    for (const entry of this.#sources) {
      const at = entry.source.nextAt()
      if (at >= this.#nextSourceAt) continue
      this.#nextSource = entry
      this.#nextSourceAt = at
    }
  }

  #runSource(entry: NamedSource): void {
    const time = this.#nextSourceAt
    if (time < this.#now) throw new InvariantError(`time went back from ${this.#now} to ${time}`)
    this.#now = time
    this.#queue.moveTo(time)
    this.#executed += 1
    if (this.#isLogging) this.log.add(time, entry, 0, 0)
    try {
      entry.source.run()
    } catch (error) {
      throw this.#inContext(error, entry.name)
    }
  }

  #runQueued(event: TakenEvent): void {
    const { time, a, b } = event
    this.#now = time
    this.#executed += 1
    const handler = this.#handlers[event.handler] as NamedHandler
    if (this.#isLogging) this.log.add(time, handler, a, b)
    try {
      handler.run(a, b)
    } catch (error) {
      throw this.#inContext(error, handler.name)
    }
  }

  #notFromNowOn(time: Micros, handler: Handler): InvariantError {
    return new InvariantError(`${this.#handlers[handler]?.name ?? ''} was scheduled for ${time}, before now`)
  }

  /** Gives a broken promise what it takes to see it again; passes everything else on. */
  #inContext(error: unknown, name: string): unknown {
    if (!(error instanceof InvariantError) || error.message.startsWith('seed ')) return error
    const where = `seed ${this.random.seed} · ${formatInstant(this.#now)} · event ${this.#executed} · ${name}`
    const wrapped = new InvariantError(`${where}: ${error.message}`)
    if (error.stack !== undefined) wrapped.stack = error.stack
    return wrapped
  }
}
