import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'
import type { AssumedObjects } from './assumed-objects.ts'
import type { ChangedKeys } from './framework/cluster-view.ts'

/** Which objects of a kind were written, assumed or forgotten since they were asked for last. Cost O(changes). */
export class ObjectChanges implements ChangedKeys {
  readonly #store: ObjectStore<StoredObject>
  readonly #assumed: AssumedObjects
  #written = -1
  #assumedCount = -1

  constructor(store: ObjectStore<StoredObject>, assumed: AssumedObjects) {
    this.#store = store
    this.#assumed = assumed
  }

  take(): ReadonlySet<string> | undefined {
    const log = this.#assumed.logOf(this.#store.kind)
    const [written, assumedCount] = [this.#written, this.#assumedCount]
    this.#written = this.#store.writes
    this.#assumedCount = log.count
    if (written < 0) return undefined
    const keys = new Set<string>()
    const isWhole = this.#store.addWrittenSince(written, keys) && log.addSince(assumedCount, keys)
    return isWhole ? keys : undefined
  }
}
