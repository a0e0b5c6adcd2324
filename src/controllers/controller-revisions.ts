import { controllerOf } from '../api/owner-references.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { ControllerRevision, OwnerReference, PodTemplateSpec } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { ObjectStore, StoredObject } from '../cluster/object-store.ts'
import { canonicalJson } from '../base/go-json.ts'
import { revisionHash } from './revision-hash.ts'

/** Longest beginning of a revision's name that comes from its owner. */
const PREFIX_MAX = 223

/** What a revision keeps of its owner: its pod template, which replaces the one that is there. */
interface RevisionData {
  readonly spec: { readonly template: PodTemplateSpec & { readonly $patch: 'replace' } }
}

const NONE: readonly ControllerRevision[] = []

const texts = new WeakMap<object, string>()
const templates = new WeakMap<object, PodTemplateSpec>()

/** Name of a revision, as pods carry it in the label `controller-revision-hash`. */
export function revisionName(revision: ControllerRevision): string {
  return revision.metadata?.name ?? ''
}

/** The hash in the name of a revision, which it says in the label `hashLabel`. */
export function revisionHashOf(revision: ControllerRevision, hashLabel: string): string {
  return revision.metadata?.labels?.[hashLabel] ?? ''
}

/** The pod template that a revision keeps: the same object at each call. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const data = revision.data as unknown as RevisionData
  const known = templates.get(data)
  if (known !== undefined) return known
  const { $patch: _, ...template } = data.spec.template
  templates.set(data, template)
  return template
}

/**
 * The recorded versions of pod templates (ControllerRevisions) of StatefulSets and DaemonSets.
 *
 * Source: Kubernetes v1.37, controller/history.
 */
export class ControllerRevisions {
  readonly #store: ObjectStore<ControllerRevision>
  readonly #hashLabel: string
  readonly #byOwner = new Map<string, ControllerRevision[]>()
  #orphans: ControllerRevision[] = []
  #seen = -1

  /** `hashLabel` is the label in which a revision says the hash that is in its name. */
  constructor(api: ApiServer, hashLabel: string) {
    this.#store = api.collection<ControllerRevision>('ControllerRevision')
    this.#hashLabel = hashLabel
  }

  /** Revisions that an object controls, by number: the newest last. */
  of(uid: string): readonly ControllerRevision[] {
    if (this.#seen !== this.#store.writes) this.#index()
    return this.#byOwner.get(uid) ?? NONE
  }

  /** Takes the revisions of the owner's namespace that have these labels and no controller. */
  adoptOrphans(owner: StoredObject, matches: LabelPredicate): void {
    if (this.#seen !== this.#store.writes) this.#index()
    for (const revision of this.#orphans) {
      const { namespace, labels = {}, ownerReferences = [] } = revision.metadata ?? {}
      if (namespace !== owner.metadata?.namespace || !matches(labels)) continue
      const references = [...ownerReferences, controllerReference(owner)]
      this.#store.update({ ...revision, metadata: { ...revision.metadata, ownerReferences: references } })
    }
  }

  /**
   * The revision of the owner's present template: the newest one if it is equal; another equal one, which becomes the newest by
   * its number; or a new one. A name that another revision has counts as a collision, and is tried with another hash.
   * Whoever gets one that is not stored does nothing and tries again later.
   */
  current(owner: StoredObject, template: PodTemplateSpec, collisionCount: number): LatestRevision {
    const revisions = this.of(owner.metadata?.uid ?? '')
    const newest = revisions.at(-1)
    const data: RevisionData = { spec: { template: { ...template, $patch: 'replace' } } }
    const text = canonicalJson(data)
    const equal = revisions.findLast((revision) => textOf(revision) === text)
    if (equal !== undefined && equal === newest) return { revision: equal, collisionCount, isStored: true }
    const number = (newest?.revision ?? 0) + 1
    if (equal !== undefined) {
      const renumbered = this.#store.update({ ...equal, revision: number })
      return { revision: renumbered.ok ? renumbered.object : equal, collisionCount, isStored: true }
    }
    return this.#create({
      owner,
      data,
      text,
      number,
      collisionCount,
      labels: template.metadata?.labels ?? {},
    })
  }

  /** Deletes the oldest revisions that nobody uses, but for the newest `limit` of them. */
  truncate(uid: string, limit: number, used: ReadonlySet<string>): void {
    const unused = this.of(uid).filter((revision) => !used.has(revisionName(revision)))
    for (const revision of unused.slice(0, Math.max(0, unused.length - limit))) {
      this.#store.delete(objectKey(revision.metadata))
    }
  }

  /**
   * Deletes the oldest revisions that nobody uses, until there are `limit` beside the newest, those in use counted; as the
   * DaemonSet controller does it.
   */
  truncateOld(uid: string, limit: number, isUsed: (revision: ControllerRevision) => boolean): void {
    const revisions = this.of(uid)
    const excess = Math.max(0, revisions.length - 1 - limit)
    for (const revision of revisions.filter((each) => !isUsed(each)).slice(0, excess)) {
      this.#store.delete(objectKey(revision.metadata))
    }
  }

  #create(wanted: WantedRevision): LatestRevision {
    const { owner, data, text, number, labels } = wanted
    const { name = '', namespace = '' } = owner.metadata ?? {}
    let { collisionCount } = wanted
    for (;;) {
      const hash = revisionHash(text, collisionCount)
      const revision: ControllerRevision = {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: `${name.slice(0, PREFIX_MAX)}-${hash}`,
          namespace,
          labels: { ...labels, [this.#hashLabel]: hash },
          annotations: owner.metadata?.annotations ?? {},
          ownerReferences: [controllerReference(owner)],
        },
        data: data as unknown as ControllerRevision['data'],
        revision: number,
      }
      const created = this.#store.create(revision)
      if (created.ok) return { revision: created.object, collisionCount, isStored: true }
      // Another name would be refused, too, in a namespace that is going, or by a quota.
      if (created.reason !== 'AlreadyExists') return { revision, collisionCount, isStored: false }
      const present = this.#store.get(`${namespace}/${name.slice(0, PREFIX_MAX)}-${hash}`)
      if (present !== undefined && textOf(present) === text) {
        return { revision: present, collisionCount, isStored: true }
      }
      collisionCount += 1
    }
  }

  #index(): void {
    this.#seen = this.#store.writes
    this.#byOwner.clear()
    this.#orphans = []
    for (const revision of this.#store.list()) {
      const owner = controllerOf(revision)
      if (owner === undefined) {
        this.#orphans.push(revision)
        continue
      }
      const known = this.#byOwner.get(owner.uid)
      if (known === undefined) this.#byOwner.set(owner.uid, [revision])
      else known.push(revision)
    }
    for (const revisions of this.#byOwner.values()) revisions.sort(byNumber)
  }
}

/** The revision of a template, and how many collisions its name has seen. */
export interface LatestRevision {
  readonly revision: ControllerRevision
  readonly collisionCount: number
  /** False where the API server refused to store it. */
  readonly isStored: boolean
}

interface WantedRevision {
  readonly owner: StoredObject
  readonly data: RevisionData
  readonly text: string
  readonly number: number
  readonly collisionCount: number
  readonly labels: Readonly<Record<string, string>>
}

/** The reference by which an object controls another. */
export function controllerReference(owner: StoredObject): OwnerReference {
  const { apiVersion = '', kind = '', metadata } = owner
  const { name = '', uid = '' } = metadata ?? {}
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

function textOf({ data }: ControllerRevision): string {
  const object = data as object
  const known = texts.get(object)
  if (known !== undefined) return known
  const text = canonicalJson(object)
  texts.set(object, text)
  return text
}

/** By number, then age, then name. */
function byNumber(one: ControllerRevision, other: ControllerRevision): number {
  const numbers = (one.revision ?? 0) - (other.revision ?? 0)
  if (numbers !== 0) return numbers
  const { creationTimestamp: oneAt = '', name: oneName = '' } = one.metadata ?? {}
  const { creationTimestamp: otherAt = '', name: otherName = '' } = other.metadata ?? {}
  if (oneAt !== otherAt) return oneAt < otherAt ? -1 : 1
  return oneName < otherName ? -1 : 1
}
