import type { ApiServer } from './api-server.ts'
import { ControllerOwner } from './controller-owner.ts'
import { POD_CREATED, POD_DELETED, POD_UPDATED } from './pod-event.ts'
import { objectKey } from './object-store.ts'
import type { StoredObject } from './object-store.ts'
import type { PodRow } from './rows.ts'
import { TASK } from './task-owner.ts'

const NONE: readonly PodRow[] = []

interface Place {
  readonly index: Map<string, Set<PodRow>>
  readonly key: string
  readonly rows: Set<PodRow>
}

/**
 * Index of the pods in the store by their controller, and by namespace of those without one; what a controller's informer
 * cache gives it. Kept inside each write, so that what a controller has just created is in it. Pods of traces are in none.
 */
export class OwnedPods {
  readonly #api: ApiServer
  readonly #byUid = new Map<string, Set<PodRow>>()
  readonly #orphans = new Map<string, Set<PodRow>>()
  /** By kind and key, as long as the object is there. */
  readonly #owners = new Map<string, ControllerOwner>()
  /** In which set each pod is, and under what of which index. */
  readonly #places = new Map<PodRow, Place>()

  constructor(api: ApiServer) {
    this.#api = api
    for (const row of api.pods.table.stored()) this.#place(row)
    api.pods.observe((event, row) => {
      if ((event & (POD_CREATED | POD_UPDATED)) !== 0) this.#place(row)
      else if (event === POD_DELETED) this.#take(row)
    })
    api.observeObjects(({ kind, key, object }) => {
      if (object === undefined) this.#owners.delete(`${kind} ${key}`)
    })
  }

  /** How many pods there are that are not a trace's. */
  get count(): number {
    return this.#places.size
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
    const { apiVersion = '', kind = '', metadata } = object
    const { namespace = '', name = '', uid = '' } = metadata ?? {}
    const text = `${kind} ${objectKey(metadata)}`
    let owner = this.#owners.get(text)
    if (owner?.uid !== uid) {
      owner = new ControllerOwner({ apiVersion, kind, namespace, name, uid })
      this.#owners.set(text, owner)
    }
    return owner
  }

  #place(row: PodRow): void {
    const { pods } = this.#api
    if (pods.table.ownerKind(row) === TASK) return
    const owner = pods.table.owner(row)
    const isControlled = owner instanceof ControllerOwner
    const index = isControlled ? this.#byUid : this.#orphans
    const key = isControlled ? owner.uid : pods.infoOf(row).template.metadata.namespace
    const known = this.#places.get(row)
    if (known?.index === index && known.key === key) return
    this.#take(row)
    let rows = index.get(key)
    if (rows === undefined) {
      rows = new Set()
      index.set(key, rows)
    }
    rows.add(row)
    this.#places.set(row, { index, key, rows })
  }

  #take(row: PodRow): void {
    const place = this.#places.get(row)
    if (place === undefined) return
    const { index, key, rows } = place
    rows.delete(row)
    if (rows.size === 0) index.delete(key)
    this.#places.delete(row)
  }
}
