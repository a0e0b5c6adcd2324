import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { HeapEntry } from './entry-heap.ts'
import { namingPod } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { PlacedShape, PodShapes } from './pod-shapes.ts'
import type { Profile } from './profile.ts'
import type { WaitingGroup } from './waiting-group.ts'

/** Where in the scheduling queue a pod is. */
export type QueuePlace = 'active' | 'backoff' | 'error-backoff' | 'unschedulable' | 'gated' | 'in-flight'

/** The size that a pod brings, and who makes a shape of it. */
export interface OwnSize {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly shapes: PodShapes
}

/** What a pod comes to the queue with. */
export interface PodDraft {
  readonly row: PodRow
  readonly serial: number
  readonly profile: Profile
  /** Its class; with `size`, that of another size of its template. */
  readonly podClass: PodClass
  /** Its size, where it has no class of its own yet. */
  readonly size?: OwnSize | undefined
}

const NO_PLUGINS: readonly string[] = Object.freeze([])

/**
 * A pod in the scheduling queue.
 *
 *     created ─▶ active ─pop─▶ in-flight ─done─▶ (left the queue)
 *        │          ▲ ▲            │
 *        ▼          │ └─ backoff ◀─┤ failed, and worth another try
 *      gated ───────┘       ▲      ▼
 *                           └─ unschedulable ─ a hint, activation, or 5 minutes
 *
 * Most pods are placed by their size and what all sizes of their template share: their own class is compiled when somebody
 * asks for it.
 */
export class QueuedPod {
  readonly row: PodRow
  readonly serial: number
  readonly profile: Profile
  readonly priority: number
  place: QueuePlace = 'unschedulable'
  /** When it came to the queue first. */
  readonly arrivedAt: Micros
  /** Creation or last failure: the second key of the active queue. */
  timestamp: Micros
  /** Breaks ties of the timestamp: order of creation or failure. */
  sequence: number
  /** Times that it was popped. */
  attempts = 0
  /** Rejections: the exponent of the back-off. */
  rejections = 0
  /** Errors in a row: the exponent of the back-off after an error. */
  errors = 0
  /** End of its back-off; meaningful after a failure. */
  backoffUntil: Micros = 0
  /** When the 5 minutes of an unschedulable pod began. */
  waitingSince: Micros
  /** Plugins that rejected it last. */
  rejectedBy = NO_PLUGINS
  /** Plugins of those that wait for something of their own (Pending). */
  pendingBy = NO_PLUGINS
  /** The group of equal rejected pods that it waits in; undefined when it waits by itself, or not at all. */
  group: WaitingGroup | undefined = undefined
  /** Key of the PodGroup that it is queued with; undefined for a pod that is queued by itself. */
  podGroup: string | undefined = undefined
  /** Its valid entry in a heap; entries that are not this one are stale. */
  entry: HeapEntry<QueuedPod> | undefined = undefined
  /** Index in the list of events at which its flight began. */
  eventsFrom = 0
  /** Who came to the queue before and after it. */
  previous: QueuedPod | undefined = undefined
  next: QueuedPod | undefined = undefined
  #podClass: PodClass
  #size: OwnSize | undefined

  constructor(draft: PodDraft, now: Micros, sequence: number) {
    this.row = draft.row
    this.serial = draft.serial
    this.profile = draft.profile
    this.priority = draft.podClass.shape.priority
    this.arrivedAt = now
    this.timestamp = now
    this.sequence = sequence
    this.waitingSince = now
    this.#podClass = draft.podClass
    this.#size = draft.size
  }

  /** Its class; compiled when it is asked for first. */
  get podClass(): PodClass {
    const size = this.#size
    if (size === undefined) return this.#podClass
    const { shapes } = size
    this.#podClass = namingPod(
      () => shapes.keyOf(this.row),
      () => this.profile.classOf(this.#shapeOf(size)),
    )
    this.#size = undefined
    return this.#podClass
  }

  set podClass(podClass: PodClass) {
    this.#podClass = podClass
    this.#size = undefined
  }

  /** Its class, or that of another size of its template: they share gates, screenings and plans. */
  get kin(): PodClass {
    return this.#podClass
  }

  /** Its size, as long as nobody asked for its class. */
  get size(): OwnSize | undefined {
    return this.#size
  }

  get shape(): PlacedShape {
    const size = this.#size
    return size === undefined ? this.#podClass.shape : this.#shapeOf(size)
  }

  #shapeOf({ shapes, cpu, memory }: OwnSize): PlacedShape {
    return shapes.sizedShape(this.#podClass.shape, cpu, memory)
  }
}
