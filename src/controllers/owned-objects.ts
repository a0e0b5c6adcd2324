import type { OwnerReference } from '../api/types.generated.ts'
import type { ObjectChange } from '../cluster/change-ring.ts'
import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'

const NONE: ReadonlySet<string> = new Set()

/** The reference of an object to its controller. */
export function controllerOf({ metadata }: StoredObject): OwnerReference | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true)
}

/**
 * Index of the objects of one kind by their controller, and by namespace of those without one. It knows of what `note` was
 * told, as an informer's cache does; the objects themselves are read from the store.
 */
export class OwnedObjects<T extends StoredObject> {
  readonly #store: ObjectStore<T>
  readonly #byController = new Map<string, Set<string>>()
  readonly #orphans = new Map<string, Set<string>>()
  /** In which set each key is. */
  readonly #places = new Map<string, Set<string>>()

  constructor(store: ObjectStore<T>) {
    this.#store = store
  }

  /** Takes note of a change of an object of this kind. */
  note({ verb, key, new: object }: ObjectChange): void {
    const place = verb === 'DELETED' ? undefined : this.#placeOf(object as T)
    const known = this.#places.get(key)
    if (place === known) return
    known?.delete(key)
    if (place === undefined) this.#places.delete(key)
    else this.#places.set(key, place.add(key))
  }

  /** Objects that a controller has, by its uid. */
  of(uid: string): readonly T[] {
    return this.#read(this.#byController.get(uid) ?? NONE)
  }

  /** Objects of a namespace that nothing controls. */
  orphansIn(namespace: string): readonly T[] {
    return this.#read(this.#orphans.get(namespace) ?? NONE)
  }

  #placeOf(object: T): Set<string> {
    const controller = controllerOf(object)?.uid
    return controller === undefined
      ? setOf(this.#orphans, object.metadata?.namespace ?? '')
      : setOf(this.#byController, controller)
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

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  let set = sets.get(key)
  if (set === undefined) {
    set = new Set()
    sets.set(key, set)
  }
  return set
}
