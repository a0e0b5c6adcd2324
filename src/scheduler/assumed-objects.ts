import { KeyLog } from '../cluster/key-log.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'
import type { ReservedObject } from './framework/plugin.ts'

/**
 * Objects as bindings that are under way will leave them, by kind and key: what later scheduling cycles see until the
 * API server says the same.
 */
export class AssumedObjects {
  readonly #byKind = new Map<string, Map<string, StoredObject>>()

  readonly #logs = new Map<string, KeyLog>()
  #changes = 0

  /** How often objects were assumed or forgotten. */
  get changes(): number {
    return this.#changes
  }

  /** Objects of the kind that were assumed or forgotten. */
  logOf(kind: string): KeyLog {
    let log = this.#logs.get(kind)
    if (log === undefined) {
      log = new KeyLog()
      this.#logs.set(kind, log)
    }
    return log
  }

  assume(objects: readonly ReservedObject[]): void {
    this.#changes += 1
    for (const object of objects) {
      const key = objectKey(object.metadata)
      this.logOf(object.kind).append(key)
      let assumed = this.#byKind.get(object.kind)
      if (assumed === undefined) {
        assumed = new Map()
        this.#byKind.set(object.kind, assumed)
      }
      assumed.set(key, object)
    }
  }

  /** The binding was written, or came to nothing. */
  forget(objects: readonly ReservedObject[]): void {
    this.#changes += 1
    for (const object of objects) {
      const key = objectKey(object.metadata)
      this.logOf(object.kind).append(key)
      this.#byKind.get(object.kind)?.delete(key)
    }
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
