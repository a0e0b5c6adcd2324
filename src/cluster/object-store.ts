import { assert } from '../base/assert.ts'
import type { ObjectMeta } from '../api/types.generated.ts'
import type { ChangeRing } from './change-ring.ts'
import { KeyLog } from './key-log.ts'
import type { Calendar } from '../base/calendar.ts'
import type { Micros } from '../base/time.ts'

/** What every stored object has; the rest is the kind's own. */
export interface StoredObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMeta
}

/** Why a write did not happen; the words are those of the API server's status reasons. */
export type WriteRefusal =
  | {
      readonly ok: false
      readonly reason: 'AlreadyExists' | 'NotFound' | 'Conflict'
      readonly message: string
    }
  | { readonly ok: false; readonly reason: 'Invalid' | 'Forbidden'; readonly message: string }

/** A write that happened, with the object as it is stored now, or a refusal. */
export type WriteResult<T> = { readonly ok: true; readonly object: T } | WriteRefusal

/** Freezes an object and all in it; returns it. Stops at what is frozen already. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
  return value
}

/** Key of an object in its kind: `name`, or `namespace/name` when it has a namespace. */
export function objectKey(meta: ObjectMeta | undefined): string {
  const name = meta?.name ?? ''
  return meta?.namespace === undefined || meta.namespace === '' ? name : `${meta.namespace}/${name}`
}

/** What a store stamps its objects with. */
export interface ObjectStamps {
  readonly now: () => Micros
  readonly calendar: Calendar
  /**
   * `metadata.uid` of the object that a revision creates. Without it objects get neither that nor `creationTimestamp` and
   * `generation`.
   */
  readonly uid: ((revision: number) => string) | undefined
}

/** How an object is deleted. */
export interface ObjectDeletion {
  /**
   * What becomes of its dependents: the garbage collector deletes them afterwards (`Background`, the default), before
   * (`Foreground`), or takes the reference from them (`Orphan`).
   */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}

/** Finalizers by which the garbage collector is told what to do first. */
const FINALIZERS = { Background: undefined, Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const

/**
 * All objects of one kind but Pod: frozen, by key, listed in order of creation.
 *
 * Every write takes the next revision of the ring, which becomes the object's `resourceVersion`. A write that
 * brings a `resourceVersion` other than the stored one is refused as a conflict. An object with finalizers stays,
 * with a deletion time, until an update takes the last of them.
 */
export class ObjectStore<T extends StoredObject> {
  readonly kind: string
  readonly #objects = new Map<string, T>()
  readonly #ring: ChangeRing
  readonly #written: (key: string, object: T | undefined) => void
  readonly #stamps: ObjectStamps
  readonly #refusalOf: (object: T) => string | undefined
  readonly #log = new KeyLog()

  /**
   * `written` hears of each write, after it: what is stored under the key now, undefined when it is gone. `refusalOf` says why
   * an object may not be created, if so.
   */
  constructor(
    kind: string,
    ring: ChangeRing,
    stamps: ObjectStamps,
    written: (key: string, object: T | undefined) => void,
    refusalOf: (object: T) => string | undefined,
  ) {
    this.kind = kind
    this.#ring = ring
    this.#stamps = stamps
    this.#written = written
    this.#refusalOf = refusalOf
  }

  /** Writes so far: equal means that no object has changed. */
  get writes(): number {
    return this.#log.count
  }

  /** Adds the keys of the objects that were written since there were `from` writes; false when that was too long ago. */
  addWrittenSince(from: number, keys: Set<string>): boolean {
    return this.#log.addSince(from, keys)
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys()
  }

  /**
   * Puts what stood under a key in its place again, with its uid and all, or takes away what did not stand there; whatever finalizers say. Only
   * a roll back does this.
   */
  rollBack(key: string, wanted: T | undefined): void {
    const old = this.#objects.get(key)
    if (wanted === undefined) {
      if (old !== undefined) this.#remove(key, old)
      return
    }
    const stored = this.#stamped(wanted, {})
    this.#objects.set(key, stored)
    this.#append(old === undefined ? 'ADDED' : 'MODIFIED', key, old, stored)
  }

  /** The objects in order of creation. */
  list(): IterableIterator<T> {
    return this.#objects.values()
  }

  create(object: T): WriteResult<T> {
    const key = objectKey(object.metadata)
    assert(key !== '', () => `a ${this.kind} without a name was written`)
    if (this.#objects.has(key)) {
      return { ok: false, reason: 'AlreadyExists', message: `${this.kind} "${key}" already exists` }
    }
    const message = this.#refusalOf(object)
    if (message !== undefined) return { ok: false, reason: 'Forbidden', message }
    const stored = this.#stamped(object, this.#birth(object))
    this.#objects.set(key, stored)
    this.#append('ADDED', key, undefined, stored)
    return { ok: true, object: stored }
  }

  /**
   * Replaces the object; with a stale `metadata.resourceVersion` it is a conflict, without one the last write wins. What the
   * server gives (uid, creation and deletion time) stays; a changed spec is another generation.
   */
  update(object: T): WriteResult<T> {
    const key = objectKey(object.metadata)
    const old = this.#objects.get(key)
    if (old === undefined) return this.#notFound(key)
    const expected = object.metadata?.resourceVersion
    if (expected !== undefined && expected !== old.metadata?.resourceVersion) {
      return {
        ok: false,
        reason: 'Conflict',
        message: `${this.kind} "${key}" was changed since revision ${expected}; read it again`,
      }
    }
    const stored = this.#stamped(object, kept(old, object))
    if (old.metadata?.deletionTimestamp !== undefined && (stored.metadata?.finalizers ?? []).length === 0) {
      return this.#remove(key, old)
    }
    this.#objects.set(key, stored)
    this.#append('MODIFIED', key, old, stored)
    return { ok: true, object: stored }
  }

  /** Deletes the object, or marks it as going while finalizers hold it; then a second call does nothing. */
  delete(key: string, { propagationPolicy = 'Background' }: ObjectDeletion = {}): WriteResult<T> {
    const old = this.#objects.get(key)
    if (old === undefined) return this.#notFound(key)
    const wanted = FINALIZERS[propagationPolicy]
    const present = old.metadata?.finalizers ?? []
    const finalizers = wanted === undefined || present.includes(wanted) ? present : [...present, wanted]
    if (finalizers.length === 0) return this.#remove(key, old)
    if (old.metadata?.deletionTimestamp !== undefined) return { ok: true, object: old }
    const deletionTimestamp = this.#stamps.calendar.format(this.#stamps.now())
    const metadata = { ...old.metadata, finalizers, deletionTimestamp, deletionGracePeriodSeconds: 0 }
    const stored = this.#stamped({ ...old, metadata }, {})
    this.#objects.set(key, stored)
    this.#append('MODIFIED', key, old, stored)
    return { ok: true, object: stored }
  }

  #remove(key: string, old: T): WriteResult<T> {
    this.#objects.delete(key)
    this.#append('DELETED', key, old, undefined)
    return { ok: true, object: old }
  }

  /** What a new object gets that does not bring it. */
  #birth({ metadata }: T): ObjectMeta {
    const { uid, calendar, now } = this.#stamps
    if (uid === undefined) return {}
    return {
      uid: metadata?.uid ?? uid(this.#ring.next),
      creationTimestamp: metadata?.creationTimestamp ?? calendar.format(now()),
      generation: metadata?.generation ?? 1,
    }
  }

  #stamped(object: T, stamps: ObjectMeta): T {
    const metadata = { ...object.metadata, ...stamps, resourceVersion: String(this.#ring.next) }
    return deepFreeze({ ...object, metadata })
  }

  #append(verb: 'ADDED' | 'MODIFIED' | 'DELETED', key: string, old: T | undefined, now: T | undefined): void {
    this.#log.append(key)
    this.#ring.appendObject(this.#stamps.now(), { kind: this.kind, verb, key, old, new: now })
    this.#written(key, now)
  }

  #notFound(key: string): WriteRefusal {
    return { ok: false, reason: 'NotFound', message: `${this.kind} "${key}" not found` }
  }
}

/** What an update cannot change of the metadata, and the generation that it makes. */
function kept<T extends StoredObject>(old: T, object: T): ObjectMeta {
  const { uid, creationTimestamp, deletionTimestamp, generation } = old.metadata ?? {}
  const changes = generation !== undefined && !isSameSpec(specOf(old), specOf(object))
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(generation === undefined ? {} : { generation: changes ? generation + 1 : generation }),
  }
}

function specOf(object: StoredObject): unknown {
  return 'spec' in object ? object.spec : undefined
}

function isSameSpec(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
