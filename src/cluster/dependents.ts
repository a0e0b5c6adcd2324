import type { OwnerReference } from '../api/types.generated.ts'
import type { ApiServer, WrittenObject } from './api-server.ts'
import { POD_CREATED, POD_DELETED, POD_UPDATED } from './pod-event.ts'
import { ownerReferencesOf } from './pod-object.ts'
import type { PodRow } from './rows.ts'
import { TASK } from './task-owner.ts'

/** An object by kind and key. */
export interface ObjectName {
  readonly kind: string
  readonly key: string
}

/** The name as one text, `KIND KEY`. */
export function nameText({ kind, key }: ObjectName): string {
  return `${kind} ${key}`
}

/** The name that `nameText` has made a text of. */
export function nameFromText(text: string): ObjectName {
  const end = text.indexOf(' ')
  return { kind: text.slice(0, end), key: text.slice(end + 1) }
}

/**
 * Which objects name which as their owner: the garbage collector's graph. Kept inside each write. Pods of traces, which their
 * tasks look after, are not in it.
 */
export class Dependents {
  readonly #api: ApiServer
  readonly #byOwner = new Map<string, Set<string>>()
  readonly #ownersOf = new Map<string, readonly string[]>()
  readonly #nameByUid = new Map<string, string>()
  readonly #uidOf = new Map<string, string>()

  constructor(api: ApiServer) {
    this.#api = api
    for (const kind of api.kinds) {
      for (const object of api.collection(kind).list()) {
        const { namespace, name = '' } = object.metadata ?? {}
        this.#written({ kind, key: namespace === undefined ? name : `${namespace}/${name}`, object })
      }
    }
    for (const row of api.pods.table.stored()) this.#podWritten(row)
    api.observeObjects((change) => this.#written(change))
    api.pods.observe((event, row) => {
      if ((event & (POD_CREATED | POD_UPDATED)) !== 0) this.#podWritten(row)
      else if (event === POD_DELETED) this.#set(`Pod ${api.pods.keyOf(row)}`, undefined, [])
    })
  }

  /** Objects that name the one with this uid as an owner, in order of their first reference to it. */
  of(uid: string): readonly ObjectName[] {
    return [...(this.#byOwner.get(uid) ?? [])].map((text) => nameFromText(text))
  }

  /** The object with a uid; undefined when there is none. */
  named(uid: string): ObjectName | undefined {
    const text = this.#nameByUid.get(uid)
    return text === undefined ? undefined : nameFromText(text)
  }

  /** References of an object to its owners; none for one that is not there. */
  referencesOf({ kind, key }: ObjectName): readonly OwnerReference[] {
    if (kind !== 'Pod') return this.#api.collection(kind).get(key)?.metadata?.ownerReferences ?? []
    const row = this.#api.pods.rowOfGivenName(key)
    return row === undefined ? [] : ownerReferencesOf(this.#api, row)
  }

  #written({ kind, key, object }: WrittenObject): void {
    const references = object?.metadata?.ownerReferences ?? []
    this.#set(`${kind} ${key}`, object?.metadata?.uid, references)
  }

  #podWritten(row: PodRow): void {
    const { pods } = this.#api
    if (pods.table.ownerKind(row) === TASK) return
    const references = ownerReferencesOf(this.#api, row)
    if (references.length > 0) this.#set(`Pod ${pods.keyOf(row)}`, undefined, references)
  }

  #set(text: string, uid: string | undefined, references: readonly OwnerReference[]): void {
    const oldUid = this.#uidOf.get(text)
    if (oldUid !== uid) {
      if (oldUid !== undefined) {
        this.#nameByUid.delete(oldUid)
        this.#uidOf.delete(text)
      }
      if (uid !== undefined) {
        this.#nameByUid.set(uid, text)
        this.#uidOf.set(text, uid)
      }
    }
    const before = this.#ownersOf.get(text) ?? []
    const owners = references.map((reference) => reference.uid)
    for (const owner of before) if (!owners.includes(owner)) this.#byOwner.get(owner)?.delete(text)
    for (const owner of owners) {
      let set = this.#byOwner.get(owner)
      if (set === undefined) {
        set = new Set()
        this.#byOwner.set(owner, set)
      }
      set.add(text)
    }
    if (owners.length === 0) this.#ownersOf.delete(text)
    else this.#ownersOf.set(text, owners)
  }
}
