import type { PodOwner } from '../cluster/pod-table.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import type { Micros } from '../base/time.ts'

/** Pods that the report counts together, with what became of them. */
export interface WorkloadGroup {
  readonly namespace: string
  /** Kind of the owner; `Task` for trace pods, `Pod` for pods without an owner. */
  readonly kind: string
  readonly name: string
  podsCreated: number
  succeeded: number
  failed: number
  evicted: number
  bound: number
  /** Sum of the times from creation to binding. */
  waited: Micros
  wanted: number
  serving: number
  since: Micros
  /** Integrals over the measured time, in pods times microseconds. */
  wantedIntegral: number
  servingIntegral: number
  /** Lost work in millicores times microseconds. */
  lostWork: number
}

/**
 * Sorts pods into groups and measures the availability of each: the share of its wanted pods that serve, over
 * time.
 *
 * Pods of a Kubernetes owner are one group. Trace pods (kind Task) and pods without an owner are grouped by
 * namespace and the label `app`, or, without that label, the priority class or priority: so the table stays
 * small.
 */
export class WorkloadGroups {
  readonly #groups: WorkloadGroup[] = []
  readonly #byKey = new Map<string, WorkloadGroup>()
  readonly #byOwner = new WeakMap<PodOwner, WorkloadGroup>()
  readonly #ofTasks: (WorkloadGroup | undefined)[] = []
  readonly #warmUp: Micros

  constructor(warmUp: Micros) {
    this.#warmUp = warmUp
  }

  /** Groups in the order of their output rows: namespace, kind, name. */
  sorted(): readonly WorkloadGroup[] {
    return this.#groups.toSorted(
      (one, other) =>
        byText(one.namespace, other.namespace) ||
        byText(one.kind, other.kind) ||
        byText(one.name, other.name),
    )
  }

  /** Availability of all groups together; undefined when no pod was wanted for any time. */
  get availability(): number | undefined {
    let wanted = 0
    let serving = 0
    for (const group of this.#groups) {
      wanted += group.wantedIntegral
      serving += group.servingIntegral
    }
    return wanted === 0 ? undefined : serving / wanted
  }

  /** The group of a pod that is created now. */
  groupOf(owner: PodOwner | undefined, info: TemplateInfo): WorkloadGroup {
    if (owner !== undefined && owner.kind !== 'Task') {
      const known = this.#byOwner.get(owner)
      if (known !== undefined) return known
      const group = this.#group(info.template.metadata.namespace, owner.kind, owner.name)
      this.#byOwner.set(owner, group)
      return group
    }
    const kind = owner === undefined ? 'Pod' : 'Task'
    const slot = info.id * 2 + (owner === undefined ? 0 : 1)
    return (this.#ofTasks[slot] ??= this.#group(info.template.metadata.namespace, kind, labelOf(info)))
  }

  /** Changes how many pods of the group should run, and how many do, from `now` on. */
  change(group: WorkloadGroup, now: Micros, wanted: number, serving: number): void {
    this.#touch(group, now)
    group.wanted += wanted
    group.serving += serving
  }

  /** Brings all integrals up to the end of the run. */
  close(now: Micros): void {
    for (const group of this.#groups) this.#touch(group, now)
  }

  #touch(group: WorkloadGroup, now: Micros): void {
    const span = now - Math.max(group.since, this.#warmUp)
    group.since = now
    if (span <= 0) return
    group.wantedIntegral += group.wanted * span
    group.servingIntegral += group.serving * span
  }

  #group(namespace: string, kind: string, name: string): WorkloadGroup {
    const key = `${namespace}/${kind}/${name}`
    let group = this.#byKey.get(key)
    if (group === undefined) {
      group = emptyGroup(namespace, kind, name)
      this.#byKey.set(key, group)
      this.#groups.push(group)
    }
    return group
  }
}

function labelOf(info: TemplateInfo): string {
  const { metadata, spec } = info.template
  const app = metadata.labels['app']
  if (app !== undefined) return app
  return spec.priorityClassName ?? `priority-${info.priority}`
}

function emptyGroup(namespace: string, kind: string, name: string): WorkloadGroup {
  return {
    namespace,
    kind,
    name,
    podsCreated: 0,
    succeeded: 0,
    failed: 0,
    evicted: 0,
    bound: 0,
    waited: 0,
    wanted: 0,
    serving: 0,
    since: 0,
    wantedIntegral: 0,
    servingIntegral: 0,
    lostWork: 0,
  }
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
