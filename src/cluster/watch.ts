import type { Handler, Simulation } from '../engine/simulation.ts'
import type { Micros } from '../base/time.ts'
import type { ChangeRing, ObjectChange, RingEntry } from './change-ring.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'
import type { PodEventBit } from './pod-event.ts'

/** What a component wants to hear of, and how it hears it. */
export interface WatchOptions {
  /** Unique name of the watcher, `component/what`; its wake is an event of this name. */
  readonly name: string
  /** Time from a write until this watcher hears of it; 0 is later in the same instant, never inside the write. */
  readonly latency?: Micros
  /** Sum of the pod events wanted; none by default. */
  readonly podEvents?: PodEventBit
  /** Kinds of other objects wanted; none by default. */
  readonly kinds?: readonly string[]
  /** Called for each wanted pod event, in order of revision; the entry is filled anew for the next one. */
  readonly onPod?: (entry: RingEntry) => void
  /** Called for each wanted change of another object, in order of revision among the pod events. */
  readonly onObject?: (change: ObjectChange) => void
  /** Called once after all that was heard at this instant. */
  readonly onBatch?: () => void
  /** First revision wanted; the next one to be written by default. */
  readonly from?: number
}

/** A watch asked for a revision that is no longer kept: list again and watch from now (HTTP 410 Gone). */
export interface WatchExpired {
  readonly ok: false
  readonly reason: 'Expired'
  readonly oldest: number
}

interface Watcher {
  readonly options: WatchOptions
  readonly latency: Micros
  readonly podEvents: PodEventBit
  readonly kinds: ReadonlySet<string>
  readonly wake: Handler
  cursor: number
  /** Instant of the last wake that was scheduled. */
  wakeAt: Micros
}

/** How many of the newest changes stay readable for watches that resume, at least. */
const HISTORY_MIN = 1000

/**
 * Delivers changes from the ring to watchers: each has a cursor, is woken once an instant after its latency, and
 * drains what it has not seen in the order of revision. Nothing is dropped or merged.
 */
export class WatchHub {
  readonly #sim: Simulation
  readonly #ring: ChangeRing
  readonly #watchers: Watcher[] = []
  readonly #retirePod: (row: PodRow) => void
  readonly #isDeleted: (event: PodEventBit) => boolean
  readonly #entry: RingEntry = {
    revision: 0,
    time: 0,
    podEvent: 0,
    pod: 0 as PodRow,
    serial: 0,
    node: NO_NODE,
    object: undefined,
  }

  /** `retirePod` is told of each deleted pod that no watcher can still hear of. */
  constructor(parts: {
    sim: Simulation
    ring: ChangeRing
    retirePod: (row: PodRow) => void
    isDeleted: (event: PodEventBit) => boolean
  }) {
    this.#sim = parts.sim
    this.#ring = parts.ring
    this.#retirePod = parts.retirePod
    this.#isDeleted = parts.isDeleted
  }

  /** Starts a watch; refused when it asks for a revision older than what is kept. */
  watch(options: WatchOptions): { readonly ok: true } | WatchExpired {
    const from = options.from ?? this.#ring.next
    if (from < this.#ring.oldest) return { ok: false, reason: 'Expired', oldest: this.#ring.oldest }
    const watcher: Watcher = {
      options,
      latency: options.latency ?? 0,
      podEvents: options.podEvents ?? 0,
      kinds: new Set(options.kinds),
      wake: this.#sim.handler(`watch/${options.name}`, () => this.#drain(watcher)),
      cursor: from,
      wakeAt: -1,
    }
    this.#watchers.push(watcher)
    for (let revision = from; revision < this.#ring.next; revision++) {
      const at = Math.max(this.#sim.now, this.#ring.timeOf(revision) + watcher.latency)
      if (at > watcher.wakeAt) this.#wakeAt(watcher, at)
    }
    return { ok: true }
  }

  /** Wakes those who want this pod event; called after it was appended. */
  podWritten(event: PodEventBit): void {
    for (const watcher of this.#watchers) {
      if ((watcher.podEvents & event) !== 0) this.#wakeAt(watcher, this.#sim.now + watcher.latency)
    }
  }

  /** Wakes those who want changes of this kind; called after it was appended. */
  objectWritten(kind: string): void {
    for (const watcher of this.#watchers) {
      if (watcher.kinds.has(kind)) this.#wakeAt(watcher, this.#sim.now + watcher.latency)
    }
  }

  /** Forgets changes that every watcher has heard, but for the newest; called now and then by the pod store. */
  retire(): void {
    let bound = this.#ring.next - HISTORY_MIN
    for (const watcher of this.#watchers) {
      this.#skipUnwanted(watcher)
      if (watcher.cursor < bound) bound = watcher.cursor
    }
    while (this.#ring.oldest < bound) {
      const oldest = this.#ring.oldest
      const event = this.#ring.podEventOf(oldest)
      if (this.#isDeleted(event)) this.#retirePod(this.#ring.podOf(oldest))
      this.#ring.dropOldest()
    }
  }

  #wakeAt(watcher: Watcher, at: Micros): void {
    if (watcher.wakeAt === at) return
    watcher.wakeAt = at
    this.#sim.at(at, watcher.wake)
  }

  /** A watcher that is not about to wake has heard all that it wants: its cursor goes to the end. */
  #skipUnwanted(watcher: Watcher): void {
    if (watcher.wakeAt < this.#sim.now) watcher.cursor = this.#ring.next
  }

  #drain(watcher: Watcher): void {
    const { options } = watcher
    const heardUntil = this.#sim.now - watcher.latency
    const end = this.#ring.next
    // A write made by a handler below is heard at a wake of its own.
    if (watcher.wakeAt === this.#sim.now) watcher.wakeAt = -1
    let revision = watcher.cursor
    for (; revision < end && this.#ring.timeOf(revision) <= heardUntil; revision++) {
      watcher.cursor = revision + 1
      const event = this.#ring.podEventOf(revision)
      if (event !== 0) {
        if ((event & watcher.podEvents) === 0) continue
        this.#ring.read(revision, this.#entry)
        options.onPod?.(this.#entry)
      } else {
        this.#ring.read(revision, this.#entry)
        const change = this.#entry.object
        if (change !== undefined && watcher.kinds.has(change.kind)) options.onObject?.(change)
      }
    }
    options.onBatch?.()
  }
}
