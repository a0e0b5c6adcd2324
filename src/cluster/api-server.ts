import type { Node, PriorityClass, Namespace } from '../api/types.generated.ts'
import { Calendar } from '../base/calendar.ts'
import type { Simulation } from '../engine/simulation.ts'
import { Admission } from './admission.ts'
import type { AdmissionStage } from './admission.ts'
import { ChangeRing } from './change-ring.ts'
import { NodeRows } from './node-rows.ts'
import { ObjectStore } from './object-store.ts'
import type { StoredObject } from './object-store.ts'
import { POD_DELETED } from './pod-event.ts'
import { PodStore } from './pod-store.ts'
import { Uids } from './uid.ts'
import { WatchHub } from './watch.ts'
import type { WatchExpired, WatchOptions } from './watch.ts'

/** An object that was just written: what is stored under its key now, undefined when it is gone. */
export interface WrittenObject {
  readonly kind: string
  readonly key: string
  readonly object: StoredObject | undefined
}

/** Writes between two looks for changes that nobody needs any more. */
const RETIRE_EVERY = 1024

/**
 * The only door to the store: typed collections, one revision counter for all of them, watches.
 *
 * Components read and write here and hear of each other's writes by `watch`; none calls another.
 */
export class ApiServer {
  readonly sim: Simulation
  /** What the time is. */
  readonly calendar: Calendar
  readonly pods: PodStore
  readonly nodes: ObjectStore<Node>
  /** Row numbers of nodes, by which pods and columns name them. */
  readonly nodeRows = new NodeRows()
  readonly namespaces: ObjectStore<Namespace>
  readonly priorityClasses: ObjectStore<PriorityClass>
  readonly #ring = new ChangeRing()
  readonly #uids: Uids
  readonly #hub: WatchHub
  readonly #stores = new Map<string, ObjectStore<StoredObject>>()
  #objectWrites = 0
  readonly #objectObservers: ((change: WrittenObject) => void)[] = []

  constructor(sim: Simulation, admissionStages: readonly AdmissionStage[], calendar = new Calendar()) {
    this.sim = sim
    this.calendar = calendar
    this.#uids = new Uids(sim.random.seed)
    const ring = this.#ring
    this.nodes = this.collection<Node>('Node')
    this.namespaces = this.collection<Namespace>('Namespace')
    this.priorityClasses = this.collection<PriorityClass>('PriorityClass')
    this.pods = new PodStore({
      sim,
      uids: this.#uids,
      ring,
      templates: new Admission(admissionStages, this),
      written: (change) => {
        this.#hub.podWritten(change)
        if (ring.next % RETIRE_EVERY === 0) this.#hub.retire()
      },
    })
    this.#hub = new WatchHub({
      sim,
      ring,
      retirePod: (row) => this.pods.retire(row),
      isDeleted: (event) => event === POD_DELETED,
    })
  }

  /** Revision of the newest write, 0 before the first: the `resourceVersion` of lists. */
  get revision(): number {
    return this.#ring.next - 1
  }

  /** Writes so far of objects other than pods and nodes: equal means that none of these has changed. */
  get objectWrites(): number {
    return this.#objectWrites
  }

  /** The objects of a kind; made empty at the first call. */
  collection<T extends StoredObject>(kind: string): ObjectStore<T> {
    const known = this.#stores.get(kind)
    if (known !== undefined) return known as unknown as ObjectStore<T>
    const store = new ObjectStore<T>(
      kind,
      this.#ring,
      {
        now: () => this.sim.now,
        calendar: this.calendar,
        // Nodes are named by what they are, and there are many: they have none.
        uid: kind === 'Node' ? undefined : (revision) => this.#uids.of(kind, revision),
      },
      (key, object) => {
        if (kind === 'Node') this.nodeRows.written(key, object as Node | undefined)
        else this.#objectWrites += 1
        for (const observer of this.#objectObservers) observer({ kind, key, object })
        this.#hub.objectWritten(kind)
      },
    )
    this.#stores.set(kind, store as unknown as ObjectStore<StoredObject>)
    return store
  }

  /** Kinds that have had a collection, in order of their first use. */
  get kinds(): readonly string[] {
    return [...this.#stores.keys()]
  }

  /** Registers an index that follows all writes of objects but pods, inside the write; it must not write. */
  observeObjects(observer: (change: WrittenObject) => void): void {
    this.#objectObservers.push(observer)
  }

  /** Starts a watch; refused as expired when it asks for a revision that is no longer kept. */
  watch(options: WatchOptions): { readonly ok: true } | WatchExpired {
    return this.#hub.watch(options)
  }
}
