import type { ApiServer } from '../cluster/api-server.ts'
import type { Calls } from '../cluster/client.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { StoredObject, WriteResult } from '../cluster/object-store.ts'

/**
 * Writes of objects in one reconciliation, in order, each upon what was read: an object that somebody else has changed
 * meanwhile is a conflict. Once a write is refused those after it are left out, and the key is tried again.
 *
 * Departs from Kubernetes, where a second write of an object in one round may be a conflict with the first: here it builds on it.
 */
export class ObjectWrites {
  readonly #api: ApiServer
  readonly #calls: Calls
  /** Newest `resourceVersion` of each object that was written, by kind and key. */
  readonly #versions = new Map<string, string>()
  #refusal: string | undefined

  constructor(api: ApiServer, calls: Calls) {
    this.#api = api
    this.#calls = calls
  }

  /** Why a write was refused, if one has been so far. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  create(kind: string, object: StoredObject): void {
    this.#write(kind, object, () => this.#api.collection(kind).create(object))
  }

  /** Replaces an object; it brings the `resourceVersion` that was read. */
  update(kind: string, object: StoredObject): void {
    this.#write(kind, object, () => {
      const resourceVersion = this.#versions.get(placeOf(kind, object)) ?? object.metadata?.resourceVersion
      const metadata = { ...object.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
      return this.#api.collection(kind).update({ ...object, metadata })
    })
  }

  /** Deletes an object; one that is gone already is no failure. */
  delete(kind: string, object: StoredObject): void {
    this.#calls.do(() => {
      if (this.#refusal === undefined) this.#api.collection(kind).delete(objectKey(object.metadata))
      return true
    })
  }

  #write(kind: string, object: StoredObject, write: () => WriteResult<StoredObject>): void {
    this.#calls.do(() => {
      if (this.#refusal !== undefined) return true
      const result = write()
      if (!result.ok) {
        this.#refusal = result.message
        return false
      }
      const version = result.object.metadata?.resourceVersion
      if (version !== undefined) this.#versions.set(placeOf(kind, object), version)
      return true
    })
  }
}

function placeOf(kind: string, { metadata }: StoredObject): string {
  return `${kind} ${objectKey(metadata)}`
}
