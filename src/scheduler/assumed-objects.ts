import { objectKey } from '../cluster/object-store.ts'
import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'
import type { ReservedObject } from './framework/plugin.ts'

/**
 * Objects as bindings that are under way will leave them, by kind and key: what later scheduling cycles see until the
 * API server says the same.
 */
export class AssumedObjects {
  readonly #byKind = new Map<string, Map<string, StoredObject>>()

  readonly #changes = new Map<string, number>()

  /** Grows with every object of the kind that is assumed or forgotten. */
  changesOf(kind: string): number {
    return this.#changes.get(kind) ?? 0
  }

  assume(objects: readonly ReservedObject[]): void {
    for (const object of objects) {
      this.#count(object.kind)
      let assumed = this.#byKind.get(object.kind)
      if (assumed === undefined) {
        assumed = new Map()
        this.#byKind.set(object.kind, assumed)
      }
      assumed.set(objectKey(object.metadata), object)
    }
  }

  /** The binding was written, or came to nothing. */
  forget(objects: readonly ReservedObject[]): void {
    for (const object of objects) {
      this.#count(object.kind)
      this.#byKind.get(object.kind)?.delete(objectKey(object.metadata))
    }
  }

  #count(kind: string): void {
    this.#changes.set(kind, this.changesOf(kind) + 1)
  }

  get(kind: string, key: string): StoredObject | undefined {
    return this.#byKind.get(kind)?.get(key)
  }

  /** All objects of a store, assumed ones in the place of what they will replace, new ones last. */
  *list(kind: string, store: ObjectStore<StoredObject>): Iterable<StoredObject> {
    const assumed = this.#byKind.get(kind)
    if (assumed === undefined || assumed.size === 0) {
      yield* store.list()
      return
    }
    const rest = new Map(assumed)
    for (const object of store.list()) {
      const key = objectKey(object.metadata)
      yield rest.get(key) ?? object
      rest.delete(key)
    }
    yield* rest.values()
  }
}
