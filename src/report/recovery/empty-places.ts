import { ControllerOwner } from '../../cluster/controller-owner.ts'
import type { PodOwner } from '../../cluster/pod-table.ts'
import { TASK } from '../../cluster/task-owner.ts'
import type { LostReplica } from './lost-replica.ts'

/** Who makes a pod, as far as the place of its replacement goes by it. */
export interface PlaceOfPod {
  readonly owner: PodOwner
  /** Number of the pod's workload among the groups of the report. */
  readonly group: number
  readonly name: string
  readonly ordinal: number
}

/** A place that a pod has left, with the replicas that are lost as long as nobody fills it. */
export interface EmptyPlace {
  readonly owner: PodOwner
  readonly group: number
  /** Ordinal of the place, where its owner has places of their own; -1 where any new pod fills any. */
  readonly ordinal: number
  readonly replicas: readonly LostReplica[]
}

/** Kinds whose pods are replaced while they still go. */
const REPLACED_AT_ONCE: ReadonlySet<string> = new Set([TASK, 'ReplicaSet', 'ReplicationController'])

/** Whether whoever makes the pods of an owner does not wait until a lost one is gone. */
export function isReplacedAtOnce(owner: PodOwner): boolean {
  return REPLACED_AT_ONCE.has(owner.kind)
}

/**
 * The places that lost pods have left, and who fills them: a pod of the same ordinal where the owner numbers its places (trace tasks,
 * StatefulSets, indexed Jobs), else the next new pod of the same owner, the first lost first. Pods of the ReplicaSets of one Deployment
 * are of one owner, so that a rollout fills places, too.
 */
export class EmptyPlaces {
  /** By what new pods are known to fill them, then by ordinal. */
  readonly #byKey = new Map<string | PodOwner, Map<number, Line>>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** A pod has left its place. */
  leave(pod: PlaceOfPod, replicas: readonly LostReplica[]): void {
    const { owner, group } = pod
    const key = keyOf(pod)
    const ordinal = ordinalOf(pod)
    let lines = this.#byKey.get(key)
    if (lines === undefined) this.#byKey.set(key, (lines = new Map<number, Line>()))
    const place = { owner, group, ordinal, replicas }
    const line = lines.get(ordinal)
    if (line === undefined) lines.set(ordinal, { places: [place], first: 0 })
    else line.places.push(place)
    this.#count += 1
  }

  /** A new pod fills a place: the replicas that were lost there, none when it fills none. */
  fill(pod: PlaceOfPod): readonly LostReplica[] {
    if (this.#count === 0) return []
    const key = keyOf(pod)
    const lines = this.#byKey.get(key)
    const ordinal = ordinalOf(pod)
    const line = lines?.get(ordinal)
    const place = line?.places[line.first]
    if (lines === undefined || line === undefined || place === undefined) return []
    line.first += 1
    this.#count -= 1
    if (line.first === line.places.length) lines.delete(ordinal)
    if (lines.size === 0) this.#byKey.delete(key)
    return place.replicas
  }

  /** Takes out the places for which it holds: nobody is going to fill them. O(places). */
  take(isTaken: (place: EmptyPlace) => boolean): readonly EmptyPlace[] {
    const taken: EmptyPlace[] = []
    for (const [key, lines] of this.#byKey) {
      for (const [ordinal, line] of lines) {
        const kept: EmptyPlace[] = []
        for (const place of placesIn(line)) (isTaken(place) ? taken : kept).push(place)
        if (kept.length === 0) lines.delete(ordinal)
        else lines.set(ordinal, { places: kept, first: 0 })
      }
      if (lines.size === 0) this.#byKey.delete(key)
    }
    this.#count -= taken.length
    return taken
  }

  /** All places of owners for which it holds. */
  of(isMeant: (owner: PodOwner) => boolean): readonly EmptyPlace[] {
    const lines = [...this.#byKey.values()].flatMap((ofKey) => [...ofKey.values()])
    return lines.flatMap(placesIn).filter(({ owner }) => isMeant(owner))
  }
}

/** Places that are filled one after the other: those before `first` are. */
interface Line {
  readonly places: EmptyPlace[]
  first: number
}

function placesIn({ places, first }: Line): readonly EmptyPlace[] {
  return places.slice(first)
}

/** Whether the owner is the object of this kind and `namespace/name`. */
export function isOwner(owner: PodOwner, kind: string, key: string): boolean {
  return owner.kind === kind && (owner instanceof ControllerOwner ? owner.key : owner.name) === key
}

function keyOf({ owner, group }: PlaceOfPod): string | PodOwner {
  return owner.kind === 'ReplicaSet' ? `group ${group}` : owner
}

function ordinalOf({ owner, name, ordinal }: PlaceOfPod): number {
  if (owner.kind === TASK || owner.kind === 'Job') return ordinal
  if (owner.kind !== 'StatefulSet') return -1
  return Number(/\d+$/.exec(name)?.[0] ?? -1)
}
