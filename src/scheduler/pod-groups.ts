import type { PodGroup } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { PodGroupLister, PodGroupState } from './framework/pod-groups.ts'
import type { PodShape } from './framework/pod-shape.ts'

const NOBODY: ReadonlySet<PodRow> = new Set()

/** `namespace/name` of the PodGroup that a pod names; undefined when it names none. */
export function podGroupOf({ namespace, spec }: PodShape): string | undefined {
  const name = spec.schedulingGroup?.podGroupName
  return name === undefined ? undefined : `${namespace}/${name}`
}

/** The label by which pods are of a PodGroup of `scheduling.x-k8s.io`, which only plugins out of tree know. */
const GROUP_LABEL = 'scheduling.x-k8s.io/pod-group'

/** `namespace/name` of the PodGroup, in tree or out of it, that a pod is counted for; undefined when it is of none. */
export function memberGroupOf(shape: PodShape): string | undefined {
  const name = shape.labels[GROUP_LABEL]
  return podGroupOf(shape) ?? (name === undefined ? undefined : `${shape.namespace}/${name}`)
}

/** The PodGroup of a key `namespace/name`. */
export function podGroupByKey(groups: PodGroupLister | undefined, key: string): PodGroupState | undefined {
  const slash = key.indexOf('/')
  return groups?.podGroup(key.slice(0, slash), key.slice(slash + 1))
}

/** The pods of each PodGroup, as the scheduler has heard of them and placed them. */
export class PodGroups implements PodGroupLister {
  readonly #api: ApiServer
  readonly #pods = new Map<string, Set<PodRow>>()
  readonly #scheduled = new Map<string, Set<PodRow>>()
  readonly #groupOf = new Map<PodRow, string>()

  constructor(api: ApiServer) {
    this.#api = api
  }

  podGroup(namespace: string, name: string): PodGroupState | undefined {
    const key = `${namespace}/${name}`
    const group = this.#api.collection<PodGroup>('PodGroup').get(key)
    if (group === undefined) return undefined
    return { group, podCount: this.podsOf(key).size, scheduledCount: this.#scheduled.get(key)?.size ?? 0 }
  }

  /** All pods that name a group (`namespace/name`), in order of arrival. */
  podsOf(key: string): ReadonlySet<PodRow> {
    return this.#pods.get(key) ?? NOBODY
  }

  /** A pod came; returns its group, if it names one. */
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
  }

  #of(pod: PodRow): string | undefined {
    return this.#groupOf.size === 0 ? undefined : this.#groupOf.get(pod)
  }
}
