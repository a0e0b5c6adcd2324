import type { Micros } from '../base/time.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'

/** Two pods with one identity run at a time, one of them on a node that nobody can stop it on. */
export interface SplitBrain {
  /** `namespace/name` of both. */
  readonly key: string
  /** Where the older of them runs, and where the other does. */
  readonly nodes: readonly [NodeRow, NodeRow]
  readonly startedAt: Micros
  /** Undefined while it lasts. */
  readonly endedAt: Micros | undefined
}

/** Hears of a split brain as it begins, and again, with its end, as one of both has ended. */
export type SplitBrainListener = (split: SplitBrain) => void

/** Something that runs under a name: a pod that its node's kubelet knows by its row, or one that has left the store. */
export interface Body {
  readonly key: string
  readonly node: NodeRow
  pod: PodRow | undefined
  /** Since when it shares its name with others that came before it, in the order of those. */
  readonly splits: Map<Body, Micros>
}

/** Whether the pod's name is an identity that one pod at most may have at a time: it is a StatefulSet's. */
function hasIdentity(pods: PodStore, pod: PodRow): boolean {
  if (pods.table.ownerKind(pod) === 'StatefulSet') return true
  const { ownerReferences = [] } = pods.detailsOf(pod)
  return ownerReferences.some(({ kind, controller }) => kind === 'StatefulSet' && controller === true)
}

/**
 * Finds pods of StatefulSets that run twice: one that has left the API runs on, on a node that is cut off, and its StatefulSet
 * has made another of the same name, which runs elsewhere.
 */
export class SplitBrains {
  readonly #clock: { readonly now: Micros }
  readonly #pods: PodStore
  /** Bodies by name, in the order in which they were found; only of names with at least one that has left the API. */
  readonly #bodies = new Map<string, Set<Body>>()
  /** Those of them that their kubelets know by a row. */
  readonly #byPod = new Map<PodRow, Body>()
  readonly #listeners: SplitBrainListener[] = []

  constructor(clock: { readonly now: Micros }, pods: PodStore) {
    this.#clock = clock
    this.#pods = pods
  }

  listen(listener: SplitBrainListener): void {
    this.#listeners.push(listener)
  }

  /** Whether there can be no split brain: then nobody needs to tell of pods that start and end. */
  get isQuiet(): boolean {
    return this.#bodies.size === 0
  }

  /** A pod that runs has left the API; undefined when its name is no identity. */
  haunts(pod: PodRow, node: NodeRow): Body | undefined {
    if (!hasIdentity(this.#pods, pod)) return undefined
    const key = this.#pods.keyOf(pod)
    const known = this.#byPod.get(pod)
    if (known === undefined) return this.#add({ key, node, pod: undefined, splits: new Map() })
    this.#byPod.delete(pod)
    known.pod = undefined
    return known
  }

  /** The containers of a pod run. */
  started(pod: PodRow, node: NodeRow): void {
    if (this.isQuiet) return
    const key = this.#pods.keyOf(pod)
    if (!this.#bodies.has(key) || this.#byPod.has(pod)) return
    this.#add({ key, node, pod, splits: new Map() })
  }

  /** The containers of a pod do not run any more. */
  ended(pod: PodRow): void {
    const body = this.#byPod.get(pod)
    if (body !== undefined) this.gone(body)
  }

  /** What ran under the name has ended. */
  gone(body: Body): void {
    const bodies = this.#bodies.get(body.key)
    if (bodies?.delete(body) !== true) return
    this.#forget(body)
    for (const [other, startedAt] of body.splits) this.#tell(other, body, startedAt, this.#clock.now)
    for (const later of bodies) {
      const startedAt = later.splits.get(body)
      if (startedAt === undefined) continue
      later.splits.delete(body)
      this.#tell(body, later, startedAt, this.#clock.now)
    }
    if (![...bodies].every(({ pod }) => pod !== undefined)) return
    this.#bodies.delete(body.key)
    for (const other of bodies) this.#forget(other)
  }

  #forget({ pod }: Body): void {
    if (pod !== undefined) this.#byPod.delete(pod)
  }

  #add(body: Body): Body {
    const bodies = this.#bodies.get(body.key) ?? new Set<Body>()
    const { now } = this.#clock
    for (const other of bodies) {
      body.splits.set(other, now)
      this.#tell(other, body, now, undefined)
    }
    this.#bodies.set(body.key, bodies.add(body))
    if (body.pod !== undefined) this.#byPod.set(body.pod, body)
    return body
  }

  #tell(older: Body, newer: Body, startedAt: Micros, endedAt: Micros | undefined): void {
    const split = { key: older.key, nodes: [older.node, newer.node] as const, startedAt, endedAt }
    for (const listener of this.#listeners) listener(split)
  }
}
