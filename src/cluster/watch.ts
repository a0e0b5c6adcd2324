import type { Handler, Simulation } from '../engine/simulation.ts'
import type { Micros } from '../base/time.ts'
import { POD_CHANGES, podChange } from './change-ring.ts'
import type { ChangeRing, ObjectChange, PodChange, RingEntry } from './change-ring.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'
import type { PodEventBit } from './pod-event.ts'

/** What a component wants to hear of, and how it hears it. */
export interface WatchOptions {
  /** Unique name of the watcher, `component/what`. */
  readonly name: string
  /** Time from a write until this watcher hears of it; 0 is later in the same instant, never inside the write. */
  readonly latency?: Micros
  /** Sum of the pod events wanted; none by default. */
  readonly podEvents?: PodEventBit
  /** Only of pods that are bound to a node, as the field selector `spec.nodeName!=` has it; false by default. */
  readonly assigned?: boolean
  /**
   * Which of them are wanted of pods that have finished before; all by default. With 0 the end of a pod is the last that is
   * heard of it, as with the field selector `status.phase!=Succeeded,status.phase!=Failed`.
   */
  readonly podEventsOnceFinished?: PodEventBit
  /**
   * Asked inside each wanted write of a pod: true if it does not matter to the watcher as it stands, which then does not
   * hear of it.
   */
  readonly ignores?: () => boolean
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
  /** That of its options, and how far behind it is besides. */
  latency: Micros
  /** 1 for each change of a pod that it wants, by number. */
  readonly wants: Uint8Array
  readonly kinds: ReadonlySet<string>
  /** Place among the watchers. */
  readonly place: number
  /** Its own wake; undefined without a latency: then it hears with all others of that kind. */
  wake: Handler | undefined
  /** The wake that it has while it has a latency; undefined before it had one. */
  ownWake: Handler | undefined
  cursor: number
  /** Whether it is to hear something in the present instant. */
  isDue: boolean
  /** Instant of the last wake of its own that was scheduled. */
  wakeAt: Micros
}

/** How many of the newest changes stay readable for watches that resume, at least. */
const HISTORY_MIN = 1000

/**
 * Delivers changes from the ring to watchers: each has a cursor, hears once an instant after its latency, and drains what it
 * has not seen in the order of revision. Nothing is dropped or merged.
 *
 * Watchers without a latency share one event an instant, and hear in order of registration; what they write meanwhile is
 * heard by those that come later in the same event, and by the others in another one.
 */
export class WatchHub {
  readonly #sim: Simulation
  readonly #ring: ChangeRing
  readonly #watchers: Watcher[] = []
  /** Who wants to hear of a change of a pod, by its number. */
  readonly #audiences: (readonly Watcher[])[] = Array.from({ length: POD_CHANGES }, () => [])
  readonly #retirePod: (row: PodRow) => void
  readonly #isDeleted: (event: PodEventBit) => boolean
  readonly #deliver: Handler
  #isDelivering = false
  /** The watcher that hears change by change now. */
  #draining: Watcher | undefined
  /** Place of the watcher that hears now; those up to it need another delivery. */
  #hearing = -1
  #isScheduled = false
  readonly #entry: RingEntry = {
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
    this.#deliver = parts.sim.handler('watch/deliver', () => this.#deliverAll())
  }

  /** Starts a watch; refused when it asks for a revision older than what is kept. */
  watch(options: WatchOptions): { readonly ok: true } | WatchExpired {
    const from = options.from ?? this.#ring.next
    if (from < this.#ring.oldest) return { ok: false, reason: 'Expired', oldest: this.#ring.oldest }
    const latency = options.latency ?? 0
    const watcher: Watcher = {
      options,
      latency,
      wants: wantedChanges(options),
      kinds: new Set(options.kinds),
      place: this.#watchers.length,
      wake: undefined,
      ownWake: undefined,
      cursor: from,
      isDue: false,
      wakeAt: -1,
    }
    if (latency > 0) watcher.wake = this.#ownWakeOf(watcher)
    this.#watchers.push(watcher)
    for (let change = 1; change < POD_CHANGES; change++) {
      if (watcher.wants[change] === 1) this.#audiences[change] = [...(this.#audiences[change] ?? []), watcher]
    }
    this.#wakeForAll(watcher)
    return { ok: true }
  }

  /**
   * Watchers of some names hear later by `lag` from now on, what they have not heard yet included; less than 0 ends that, and they hear at once
   * what they are too far behind with. Costs O(what they are behind with).
   */
  addLag(isMeant: (name: string) => boolean, lag: Micros): void {
    for (const watcher of this.#watchers) {
      if (!isMeant(watcher.options.name)) continue
      if (!this.#isWaiting(watcher)) watcher.cursor = this.#ring.next
      watcher.latency += lag
      watcher.wake = watcher.latency === 0 ? undefined : this.#ownWakeOf(watcher)
      watcher.wakeAt = -1
      watcher.isDue = false
      this.#wakeForAll(watcher)
    }
  }

  /** Whether the watchers of a name have heard all that they want, so that what they keep is what is stored. */
  haveHeard(name: string): boolean {
    return this.#watchers.every((watcher) => watcher.options.name !== name || !this.#isWaiting(watcher))
  }

  #ownWakeOf(watcher: Watcher): Handler {
    watcher.ownWake ??= this.#sim.handler(`watch/${watcher.options.name}`, () => {
      // A write made by a handler in it is heard at a wake of its own.
      if (watcher.wakeAt === this.#sim.now) watcher.wakeAt = -1
      this.#drain(watcher)
    })
    return watcher.ownWake
  }

  /** Wakes a watcher for all that it has not heard. */
  #wakeForAll(watcher: Watcher): void {
    for (let revision = watcher.cursor; revision < this.#ring.next; revision++) {
      this.#wake(watcher, Math.max(this.#sim.now, this.#ring.timeOf(revision) + watcher.latency))
    }
  }

  /** Wakes those who want to hear of this change of a pod; called after it was appended. */
  podWritten(change: PodChange): void {
    const audience = this.#audiences[change] as readonly Watcher[]
    for (let i = 0; i < audience.length; i++) {
      const watcher = audience[i] as Watcher
      if (watcher.options.ignores?.() === true) continue
      this.#written(watcher)
    }
  }

  /** Wakes those who want changes of this kind; called after it was appended. */
  objectWritten(kind: string): void {
    for (const watcher of this.#watchers) {
      if (watcher.kinds.has(kind)) this.#written(watcher)
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

  /** The newest change is for the watcher. */
  #written(watcher: Watcher): void {
    // All before it that the watcher wants it has heard.
    if (watcher.wake === undefined && !watcher.isDue) watcher.cursor = this.#ring.next - 1
    this.#wake(watcher, this.#sim.now + watcher.latency)
  }

  #wake(watcher: Watcher, at: Micros): void {
    if (watcher.wake !== undefined) {
      if (at <= watcher.wakeAt) return
      watcher.wakeAt = at
      this.#sim.at(at, watcher.wake)
      return
    }
    watcher.isDue = true
    if (this.#isScheduled || (this.#isDelivering && watcher.place > this.#hearing)) return
    this.#isScheduled = true
    this.#sim.after(0, this.#deliver)
  }

  #deliverAll(): void {
    this.#isScheduled = false
    this.#isDelivering = true
    for (let place = 0; place < this.#watchers.length; place++) {
      const watcher = this.#watchers[place] as Watcher
      if (!watcher.isDue) continue
      watcher.isDue = false
      this.#hearing = place
      this.#drain(watcher)
    }
    this.#isDelivering = false
  }

  /** A watcher that is not about to hear has heard all that it wants: its cursor goes to the end. */
  #skipUnwanted(watcher: Watcher): void {
    if (watcher === this.#draining) return
    if (!this.#isWaiting(watcher)) watcher.cursor = this.#ring.next
  }

  #isWaiting(watcher: Watcher): boolean {
    return watcher.wake === undefined ? watcher.isDue : watcher.wakeAt >= this.#sim.now
  }

  #drain(watcher: Watcher): void {
    const { options, latency, wants } = watcher
    const ring = this.#ring
    const entry = this.#entry
    const heardUntil = this.#sim.now - latency
    const end = ring.next
    this.#draining = watcher
    for (let revision = watcher.cursor; revision < end; revision++) {
      if (latency > 0 && ring.timeOf(revision) > heardUntil) break
      watcher.cursor = revision + 1
      const change = ring.changeOf(revision)
      if (change !== 0) {
        if (wants[change] === 0) continue
        ring.read(revision, entry)
        options.onPod?.(entry)
      } else if (watcher.kinds.size > 0) {
        ring.read(revision, entry)
        const { object } = entry
        if (object !== undefined && watcher.kinds.has(object.kind)) options.onObject?.(object)
      }
    }
    this.#draining = undefined
    options.onBatch?.()
  }
}

function wantedChanges({ podEvents = 0, assigned = false, podEventsOnceFinished }: WatchOptions): Uint8Array {
  const wants = new Uint8Array(POD_CHANGES)
  for (let event = 1; podChange(event, false, false) < POD_CHANGES; event *= 2) {
    for (const isAssigned of assigned ? [true] : [false, true]) {
      for (const hadFinished of [false, true]) {
        const wanted = hadFinished ? podEvents & (podEventsOnceFinished ?? podEvents) : podEvents
        if ((wanted & event) !== 0) wants[podChange(event, isAssigned, hadFinished)] = 1
      }
    }
  }
  return wants
}
