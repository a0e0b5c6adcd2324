import { controllerOf } from '../api/owner-references.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'

const NONE: ReadonlySet<string> = new Set()

type Index = Map<string, Set<string>>

/** Where a key is: in which index, and under what. */
interface Place {
  readonly index: Index
  readonly under: string
}

/**
 * Index of the objects of one kind by their controller, and by namespace of those without one. It knows of what `note` was
 * told, as an informer's cache does; the objects themselves are read from the store.
 */
export class OwnedObjects<T extends StoredObject> {
  readonly #store: ObjectStore<T>
  readonly #byController: Index = new Map()
  readonly #orphans: Index = new Map()
  readonly #places = new Map<string, Place>()

  constructor(store: ObjectStore<T>) {
    this.#store = store
  }

  /** Takes note of a change of an object of this kind. */
  note({ verb, key, new: object }: ObjectChange): void {
    const place = verb === 'DELETED' ? undefined : this.#placeOf(object as T)
    const known = this.#places.get(key)
    if (place?.index === known?.index && place?.under === known?.under) return
    if (known !== undefined) takeOut(known, key)
    if (place === undefined) this.#places.delete(key)
    else {
      putIn(place, key)
      this.#places.set(key, place)
    }
  }

  /** Objects that a controller has, by its uid. */
  of(uid: string): readonly T[] {
    return this.#read(this.#byController.get(uid) ?? NONE)
  }

  /** Objects of a namespace that nothing controls. */
  orphansIn(namespace: string): readonly T[] {
    return this.#read(this.#orphans.get(namespace) ?? NONE)
  }

  #placeOf(object: T): Place {
    const controller = controllerOf(object)?.uid
    return controller === undefined
      ? { index: this.#orphans, under: object.metadata?.namespace ?? '' }
      : { index: this.#byController, under: controller }
  }

  #read(keys: ReadonlySet<string>): readonly T[] {
    const objects: T[] = []
    for (const key of keys) {
      const object = this.#store.get(key)
      if (object !== undefined) objects.push(object)
    }
    return objects
  }
}

function putIn({ index, under }: Place, key: string): void {
  let set = index.get(under)
  if (set === undefined) {
    set = new Set()
    index.set(under, set)
  }
  set.add(key)
}

/** A set that is empty then is not kept. */
function takeOut({ index, under }: Place, key: string): void {
  const set = index.get(under)
  set?.delete(key)
  if (set?.size === 0) index.delete(under)
}
