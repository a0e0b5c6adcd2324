import type { OwnerReference } from '../api/types.generated.ts'
import type { ApiServer, WrittenObject } from './api-server.ts'
import { objectKey } from './object-store.ts'
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

/** Who hears of changes of the graph, inside the write: it must not write. */
export interface GraphListener {
  /** An object is there, or was changed. */
  readonly written: (name: ObjectName) => void
  /** The object with this uid is gone. */
  readonly gone: (uid: string) => void
  /** An object does not block the deletion of its owner with this uid any more: it is gone, or says so. */
  readonly released: (ownerUid: string) => void
}

const NONE: readonly OwnerReference[] = []

/**
 * Which objects name which as their owner: the garbage collector's graph. Kept inside each write. Pods of traces, which their
 * tasks look after, are not in it.
 */
export class Dependents {
  readonly #api: ApiServer
  #listener: GraphListener | undefined
  readonly #byOwner = new Map<string, Set<string>>()
  readonly #referencesOf = new Map<string, readonly OwnerReference[]>()
  readonly #nameByUid = new Map<string, string>()
  readonly #uidOf = new Map<string, string>()

  constructor(api: ApiServer) {
    this.#api = api
    for (const kind of api.kinds) {
      for (const object of api.collection(kind).list()) {
        this.#written({ kind, key: objectKey(object.metadata), object })
      }
    }
    for (const row of api.pods.table.stored()) this.#podWritten(row, true)
    api.observeObjects((change) => this.#written(change))
    api.pods.observe((event, row) => {
      if ((event & (POD_CREATED | POD_UPDATED | POD_DELETED)) !== 0)
        this.#podWritten(row, event !== POD_DELETED)
    })
  }

  /** Tells the listener of what is there, then of what changes. */
  listen(listener: GraphListener): void {
    this.#listener = listener
    for (const text of this.#uidOf.keys()) listener.written(nameFromText(text))
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
  referencesOf(name: ObjectName): readonly OwnerReference[] {
    return this.#referencesOf.get(nameText(name)) ?? NONE
  }

  #written({ kind, key, object }: WrittenObject): void {
    const { uid, ownerReferences = NONE } = object?.metadata ?? {}
    this.#set({ kind, key }, object === undefined ? undefined : (uid ?? ''), ownerReferences)
  }

  #podWritten(row: PodRow, isThere: boolean): void {
    const { pods } = this.#api
    if (pods.table.ownerKind(row) === TASK) return
    const name = { kind: 'Pod', key: pods.keyOf(row) }
    const uid = isThere ? pods.uidOf(row) : undefined
    this.#set(name, uid, isThere ? ownerReferencesOf(this.#api, row) : NONE)
  }

  /** Without a uid the object is gone. */
  #set(name: ObjectName, uid: string | undefined, references: readonly OwnerReference[]): void {
    const text = nameText(name)
    const oldUid = this.#uidOf.get(text)
    const before = this.#referencesOf.get(text) ?? NONE
    if (oldUid !== uid) {
      if (oldUid !== undefined) this.#nameByUid.delete(oldUid)
      if (uid === undefined) this.#uidOf.delete(text)
      else {
        this.#uidOf.set(text, uid)
        if (uid !== '') this.#nameByUid.set(uid, text)
      }
    }
    if (references.length === 0) this.#referencesOf.delete(text)
    else this.#referencesOf.set(text, references)
    const released = before === references ? [] : this.#replace(text, before, references)
    if (uid !== undefined) this.#listener?.written(name)
    if (oldUid !== undefined && oldUid !== '' && oldUid !== uid) this.#listener?.gone(oldUid)
    for (const owner of released) this.#listener?.released(owner)
  }

  /** Changes the edges of an object; returns the owners that it blocked, and does not block now. */
  #replace(text: string, before: readonly OwnerReference[], now: readonly OwnerReference[]): string[] {
    const released: string[] = []
    for (const { uid, blockOwnerDeletion } of before) {
      const kept = now.find((reference) => reference.uid === uid)
      if (blockOwnerDeletion === true && kept?.blockOwnerDeletion !== true) released.push(uid)
      if (kept !== undefined) continue
      const set = this.#byOwner.get(uid)
      set?.delete(text)
      if (set?.size === 0) this.#byOwner.delete(uid)
    }
    for (const { uid } of now) {
      let set = this.#byOwner.get(uid)
      if (set === undefined) {
        set = new Set()
        this.#byOwner.set(uid, set)
      }
      set.add(text)
    }
    return released
  }
}
