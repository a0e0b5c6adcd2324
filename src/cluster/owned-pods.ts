import type { ApiServer } from './api-server.ts'
import { ControllerOwner } from './controller-owner.ts'
import { POD_CREATED, POD_DELETED, POD_UPDATED } from './pod-event.ts'
import type { StoredObject } from './object-store.ts'
import type { PodRow } from './rows.ts'
import { TASK } from './task-owner.ts'

const NONE: readonly PodRow[] = []

/** Pods of one controller, or of a namespace and of none. */
interface Siblings {
  /** Uid of the controller, or the namespace. */
  readonly key: string
  readonly group: Map<string, Siblings>
  readonly rows: Set<PodRow>
}

/**
 * Index of the pods in the store by their controller, and by namespace of those without one; what a controller's informer
 * cache gives it. Kept inside each write, so that what a controller has just created is in it. Pods of traces are in none.
 */
export class OwnedPods {
  readonly #api: ApiServer
  readonly #byUid = new Map<string, Siblings>()
  readonly #orphans = new Map<string, Siblings>()
  readonly #owners = new Map<string, ControllerOwner>()
  /** Among whom each pod is. */
  readonly #siblings = new Map<PodRow, Siblings>()

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
    return this.#siblings.size
  }

  /** Pods that an object controls, in order of creation; those that are finished or going are among them. */
  of(uid: string): readonly PodRow[] {
    const siblings = this.#byUid.get(uid)
    return siblings === undefined ? NONE : [...siblings.rows]
  }

  /** Pods of a namespace that nothing controls, in order of creation. */
  orphansIn(namespace: string): readonly PodRow[] {
    const siblings = this.#orphans.get(namespace)
    return siblings === undefined ? NONE : [...siblings.rows]
  }

  /** The owner that pods of a stored object get: the same as long as there are any. */
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
    const group = isControlled ? this.#byUid : this.#orphans
    const key = isControlled ? owner.uid : pods.infoOf(row).template.metadata.namespace
    const siblings = group.get(key) ?? { key, group, rows: new Set() }
    if (this.#siblings.get(row) === siblings) return
    this.#take(row)
    siblings.rows.add(row)
    group.set(key, siblings)
    this.#siblings.set(row, siblings)
  }

  #take(row: PodRow): void {
    const siblings = this.#siblings.get(row)
    if (siblings === undefined) return
    this.#siblings.delete(row)
    const { rows, group, key } = siblings
    rows.delete(row)
    if (rows.size > 0) return
    group.delete(key)
    this.#owners.delete(key)
  }
}
