import type { Node, PriorityClass, Namespace } from '../api/types.generated.ts'
import { Calendar } from '../base/calendar.ts'
import type { Micros } from '../base/time.ts'
import type { Simulation } from '../engine/simulation.ts'
import { Admission } from './admission.ts'
import type { AdmissionStage } from './admission.ts'
import { ApiAvailability } from './api-availability.ts'
import { ApiLoad } from './api-load.ts'
import { ChangeRing } from './change-ring.ts'
import type { ControllerOwner } from './controller-owner.ts'
import { Gates } from './gates.ts'
import type { PodRefusal } from './gates.ts'
import { NodeRows } from './node-rows.ts'
import { ObjectStore } from './object-store.ts'
import type { StoredObject } from './object-store.ts'
import type { PodDraft } from './pod-draft.ts'
import { POD_DELETED } from './pod-event.ts'
import type { PodRow } from './rows.ts'
import { PodStore } from './pod-store.ts'
import type { RequestServer } from './request-server.ts'
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
  /** Admission plugins that look at each new object. */
  readonly gates = new Gates()
  /** Whether writes are taken now. */
  readonly availability: ApiAvailability
  /** Whether objects are being put back to how they were in a snapshot, which is no write of anybody's. */
  isRestoring = false
  /** Where writes of clients take seats and time; undefined where they take none. */
  requests: RequestServer | undefined
  /** How long writes of clients wait. */
  readonly load = new ApiLoad()
  readonly #ring = new ChangeRing()
  readonly #uids: Uids
  readonly #hub: WatchHub
  readonly #stores = new Map<string, ObjectStore<StoredObject>>()
  readonly #admission: Admission
  #objectWrites = 0
  readonly #refusalListeners: ((owner: ControllerOwner, message: string) => void)[] = []
  readonly #evictionListeners: ((pod: PodRow) => void)[] = []
  readonly #objectObservers: ((change: WrittenObject) => void)[] = []

  constructor(sim: Simulation, admissionStages: readonly AdmissionStage[], calendar = new Calendar()) {
    this.sim = sim
    this.calendar = calendar
    this.availability = new ApiAvailability(sim)
    this.#uids = new Uids(sim.random.seed)
    const ring = this.#ring
    this.#admission = new Admission(admissionStages, this)
    this.nodes = this.collection<Node>('Node')
    this.namespaces = this.collection<Namespace>('Namespace')
    this.priorityClasses = this.collection<PriorityClass>('PriorityClass')
    this.pods = new PodStore({
      sim,
      uids: this.#uids,
      ring,
      templates: this.#admission,
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
        this.#admission.objectWritten(kind)
        for (const observer of this.#objectObservers) observer({ kind, key, object })
        this.#hub.objectWritten(kind)
      },
      (object) => (this.gates.isOpen ? undefined : this.gates.askForObject(kind, object)),
    )
    this.#stores.set(kind, store as unknown as ObjectStore<StoredObject>)
    return store
  }

  /**
   * Whether a pod may be created: asked by whoever creates pods, right before `pods.create`. Without gates it costs nothing; what
   * gates take for the pod is taken.
   */
  admitPod(draft: PodDraft): PodRefusal | undefined {
    return this.gates.isOpen ? undefined : this.gates.askForPod(draft)
  }

  /** Kinds that have had a collection, in order of their first use. */
  get kinds(): readonly string[] {
    return [...this.#stores.keys()]
  }

  /** Registers an index that follows all writes of objects but pods, inside the write; it must not write. */
  observeObjects(observer: (change: WrittenObject) => void): void {
    this.#objectObservers.push(observer)
  }

  /** Registers who hears of pods that controllers could not create: FailedCreate. */
  onRefusedPod(listener: (owner: ControllerOwner, message: string) => void): void {
    this.#refusalListeners.push(listener)
  }

  /** A controller could not create a pod. */
  tellRefused(owner: ControllerOwner, message: string): void {
    for (const listener of this.#refusalListeners) listener(owner, message)
  }

  /** Watchers of some names hear later by so much from now on; less than 0 ends that. */
  addWatchLag(isMeant: (name: string) => boolean, lag: Micros): void {
    this.#hub.addLag(isMeant, lag)
  }

  /** Whether the watchers of a name have heard all that they want. */
  haveHeard(name: string): boolean {
    return this.#hub.haveHeard(name)
  }

  /** Registers who hears of pods whose eviction a budget refused. */
  onBlockedEviction(listener: (pod: PodRow) => void): void {
    this.#evictionListeners.push(listener)
  }

  /** A budget refused the eviction of a pod: status 429. */
  tellBlockedEviction(pod: PodRow): void {
    for (const listener of this.#evictionListeners) listener(pod)
  }

  /** Starts a watch; refused as expired when it asks for a revision that is no longer kept. */
  watch(options: WatchOptions): { readonly ok: true } | WatchExpired {
    return this.#hub.watch(options)
  }
}
