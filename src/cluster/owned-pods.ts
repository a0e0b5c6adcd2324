import type { ApiServer } from './api-server.ts'
import { ControllerOwner } from './controller-owner.ts'
import { POD_CREATED, POD_DELETED, POD_UPDATED } from './pod-event.ts'
import type { StoredObject } from './object-store.ts'
import type { PodRow } from './rows.ts'
import { TASK } from './task-owner.ts'

const NONE: readonly PodRow[] = []

/**
 * Index of the pods in the store by their controller, and by namespace of those without one; what a controller's informer
 * cache gives it. Kept inside each write, so that what a controller has just created is in it. Pods of traces are in none.
 */
export class OwnedPods {
  readonly #api: ApiServer
  readonly #byUid = new Map<string, Set<PodRow>>()
  readonly #orphans = new Map<string, Set<PodRow>>()
  readonly #owners = new Map<string, ControllerOwner>()
  /** In which set each pod is. */
  readonly #sets = new Map<PodRow, Set<PodRow>>()

  constructor(api: ApiServer) {
    this.#api = api
    for (const row of api.pods.table.stored()) this.#place(row)
    api.pods.observe((event, row) => {
      if ((event & (POD_CREATED | POD_UPDATED)) !== 0) this.#place(row)
      else if (event === POD_DELETED) this.#take(row)
    })
  }

  /** How many pods there are that are not a trace's. */
  get count(): number {
    return this.#sets.size
  }

  /** Pods that an object controls, in order of creation; those that are finished or going are among them. */
  of(uid: string): readonly PodRow[] {
    const rows = this.#byUid.get(uid)
    return rows === undefined ? NONE : [...rows]
  }

  /** Pods of a namespace that nothing controls, in order of creation. */
  orphansIn(namespace: string): readonly PodRow[] {
    const rows = this.#orphans.get(namespace)
    return rows === undefined ? NONE : [...rows]
  }

  /** The owner that pods of a stored object get: the same for all of them. */
  ownerFor(object: StoredObject): ControllerOwner {
    const { namespace = '', name = '', uid = '' } = object.metadata ?? {}
    let owner = this.#owners.get(uid)
    if (owner === undefined) {
      owner = new ControllerOwner({
        apiVersion: object.apiVersion ?? '',
        kind: object.kind ?? '',
        namespace,
        name,
        uid,
      })
      this.#owners.set(uid, owner)
    }
    return owner
  }

  #place(row: PodRow): void {
    const { pods } = this.#api
    if (pods.table.ownerKind(row) === TASK) return
    const owner = pods.table.owner(row)
    const isControlled = owner instanceof ControllerOwner
    const sets = isControlled ? this.#byUid : this.#orphans
    const key = isControlled ? owner.uid : pods.infoOf(row).template.metadata.namespace
    let set = sets.get(key)
    if (set === undefined) {
      set = new Set()
      sets.set(key, set)
    }
    if (this.#sets.get(row) === set) return
    this.#take(row)
    set.add(row)
    this.#sets.set(row, set)
  }

  #take(row: PodRow): void {
    const set = this.#sets.get(row)
    if (set === undefined) return
    set.delete(row)
    this.#sets.delete(row)
  }
}
