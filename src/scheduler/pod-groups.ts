import { COSCHEDULED_GROUP, COSCHEDULED_GROUP_LABEL } from '../api/kinds.ts'
import type { PodGroup } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PodRow } from '../cluster/rows.ts'
import type {
  CoscheduledGroup,
  CoscheduledState,
  GroupMark,
  PlacedMember,
  PodGroupLister,
  PodGroupState,
} from './framework/pod-groups.ts'
import type { PodShape } from './framework/pod-shape.ts'

const NOBODY: ReadonlySet<PodRow> = new Set()

/** `namespace/name` of the PodGroup that a pod names; undefined when it names none. */
export function podGroupOf({ namespace, spec }: PodShape): string | undefined {
  const name = spec.schedulingGroup?.podGroupName
  return name === undefined ? undefined : `${namespace}/${name}`
}

/** Key of a PodGroup of `scheduling.x-k8s.io`: one of Kubernetes may have the same name. */
function coscheduledKey(namespace: string, name: string): string {
  return `scheduling.x-k8s.io:${namespace}/${name}`
}

/** Key of the PodGroup that a pod is counted for: the one in tree, where it names both; undefined when it is of none. */
export function memberGroupOf(shape: PodShape): string | undefined {
  const name = shape.labels[COSCHEDULED_GROUP_LABEL]
  return podGroupOf(shape) ?? (name === undefined ? undefined : coscheduledKey(shape.namespace, name))
}

/** The PodGroup of a key `namespace/name`. */
export function podGroupByKey(groups: PodGroupLister | undefined, key: string): PodGroupState | undefined {
  const slash = key.indexOf('/')
  return groups?.podGroup(key.slice(0, slash), key.slice(slash + 1))
}

/** A mark that was set on a group. */
interface KeptMark {
  readonly until: Micros
  readonly endsWithRoom: boolean
}

/** The pods of each PodGroup, as the scheduler has heard of them and placed them, and what plugins marked groups with. */
export class PodGroups implements PodGroupLister {
  readonly #api: ApiServer
  readonly #placed: (pod: PodRow) => PlacedMember
  readonly #pods = new Map<string, Set<PodRow>>()
  readonly #scheduled = new Map<string, Set<PodRow>>()
  readonly #groupOf = new Map<PodRow, string>()
  /** By group, and then by mark. */
  readonly #marks = new Map<string, Map<string, KeptMark>>()
  readonly #createdAt = new WeakMap<CoscheduledGroup, Micros>()

  /** `placed` says where a pod is that has a node. */
  constructor(api: ApiServer, placed: (pod: PodRow) => PlacedMember) {
    this.#api = api
    this.#placed = placed
  }

  podGroup(namespace: string, name: string): PodGroupState | undefined {
    const key = `${namespace}/${name}`
    const group = this.#api.collection<PodGroup>('PodGroup').get(key)
    if (group === undefined) return undefined
    return { group, podCount: this.podsOf(key).size, scheduledCount: this.scheduledOf(key).size }
  }

  coscheduledGroup(namespace: string, name: string): CoscheduledState | undefined {
    const group = this.#api.collection<CoscheduledGroup>(COSCHEDULED_GROUP).get(`${namespace}/${name}`)
    if (group === undefined) return undefined
    const key = coscheduledKey(namespace, name)
    return {
      group,
      key,
      createdAt: this.#creationOf(group),
      podCount: this.podsOf(key).size,
      scheduledCount: this.scheduledOf(key).size,
      placed: () => [...this.scheduledOf(key)].map(this.#placed),
      isMarked: (mark) => (this.#marks.get(key)?.get(mark)?.until ?? 0) > this.#api.sim.now,
    }
  }

  /** Sets a mark on a group, unless one of that name holds. */
  mark({ group, mark, lasts, endsWithRoom = false }: GroupMark): void {
    const { now } = this.#api.sim
    const marks = this.#marks.get(group) ?? new Map<string, KeptMark>()
    if ((marks.get(mark)?.until ?? 0) <= now) marks.set(mark, { until: now + lasts, endsWithRoom })
    this.#marks.set(group, marks)
  }

  markAll(marks: readonly GroupMark[]): void {
    for (const mark of marks) this.mark(mark)
  }

  /** A pod of the group has lost its node: marks end that last no longer. */
  lostRoom(group: string): void {
    const marks = this.#marks.get(group)
    for (const [mark, { endsWithRoom }] of marks ?? []) if (endsWithRoom) marks?.delete(mark)
  }

  /** All pods that name a group, by its key, in order of arrival. */
  podsOf(key: string): ReadonlySet<PodRow> {
    return this.#pods.get(key) ?? NOBODY
  }

  /** A pod came; returns the key of its group, if it names one. */
  add(pod: PodRow, shape: PodShape): string | undefined {
    const key = memberGroupOf(shape)
    if (key === undefined) return undefined
    this.#groupOf.set(pod, key)
    const pods = this.#pods.get(key)
    if (pods === undefined) this.#pods.set(key, new Set([pod]))
    else pods.add(pod)
    return key
  }

  /** Pods of a group that are on a node, or about to be bound to one. */
  scheduledOf(key: string): ReadonlySet<PodRow> {
    return this.#scheduled.get(key) ?? NOBODY
  }

  /** The pod has a node now, or has lost it. */
  setScheduled(pod: PodRow, isScheduled: boolean): void {
    const key = this.#of(pod)
    if (key === undefined) return
    const scheduled = this.#scheduled.get(key) ?? new Set()
    if (isScheduled) scheduled.add(pod)
    else scheduled.delete(pod)
    this.#scheduled.set(key, scheduled)
  }

  /** The pod has ended. */
  remove(pod: PodRow): void {
    const key = this.#of(pod)
    if (key === undefined) return
    this.#groupOf.delete(pod)
    this.#scheduled.get(key)?.delete(pod)
    const pods = this.#pods.get(key)
    pods?.delete(pod)
    if (pods?.size !== 0) return
    this.#pods.delete(key)
    this.#scheduled.delete(key)
    this.#marks.delete(key)
  }

  #of(pod: PodRow): string | undefined {
    return this.#groupOf.size === 0 ? undefined : this.#groupOf.get(pod)
  }

  #creationOf(group: CoscheduledGroup): Micros {
    const known = this.#createdAt.get(group)
    if (known !== undefined) return known
    const text = group.metadata?.creationTimestamp
    const { calendar } = this.#api
    const at = text === undefined ? 0 : calendar.parse(text)
    this.#createdAt.set(group, at)
    return at
  }
}
