import type { Micros } from '../base/time.ts'
import { widened } from '../base/widen.ts'
import type { PodOwner } from '../cluster/pod-table.ts'
import type { TASK } from '../cluster/task-owner.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'

/** Pods that the report counts together, with what became of them. */
export interface WorkloadGroup {
  readonly namespace: string
  /** Kind of the owner; `Task` for trace pods, `Pod` for pods without an owner. */
  readonly kind: string
  readonly name: string
  readonly podsCreated: number
  readonly succeeded: number
  readonly failed: number
  readonly evicted: number
  readonly bound: number
  /** Sum of the times from creation to binding. */
  readonly waited: Micros
  /** Integrals over the measured time, in pods times microseconds. */
  readonly wantedIntegral: number
  readonly servingIntegral: number
  /** Lost work in millicores times microseconds. */
  readonly lostWork: number
  /** Pods that began to run, and the sum of the times from binding to that. */
  readonly started: number
  readonly startTime: Micros
  /** Sum of the times that pods ran. */
  readonly runTime: Micros
  /** Evictions by the reason of the pods. */
  readonly evictedBy: ReadonlyMap<string, number>
  /** Number of the group. */
  readonly group: number
  /** What its workload asked for; undefined where nothing does. */
  readonly desired: DesiredIntegrals | undefined
}

/** Integrals over the measured time, in pods times microseconds. */
export interface DesiredIntegrals {
  /** Replicas that the workload asked for. */
  replicas: number
  /** Pods that served, no more than were asked for. */
  served: number
}

/** Place of the number of pods created, among the numbers of a group. */
export const GROUP_CREATED = 0
/** Place of the number of pods that succeeded. */
export const GROUP_SUCCEEDED = 1
/** Place of the number of pods that failed. */
export const GROUP_FAILED = 2
/** Place of the number of pods evicted. */
export const GROUP_EVICTED = 3
/** Place of the number of pods bound. */
export const GROUP_BOUND = 4
/** Place of the sum of the times from creation to binding. */
export const GROUP_WAITED = 5
/** Place of the lost work in millicores times microseconds. */
export const GROUP_LOST_WORK = 6
/** Place of the number of pods that began to run. */
export const GROUP_STARTED = 7
/** Place of the sum of the times from binding to running. */
export const GROUP_START_TIME = 13
/** Place of the sum of the times that pods ran. */
export const GROUP_RUN_TIME = 14
/** How many of its pods should run, and how many do. */
const WANTED = 8
const SERVING = 9
/** Since when those stand. */
const SINCE = 10
const WANTED_INTEGRAL = 11
const SERVING_INTEGRAL = 12
/** Replicas that its workload asks for, and one; 0 where nothing does. */
const DESIRED = 15
/** Numbers a group: two cache lines. */
const STRIDE = 16
const FIRST_CAPACITY = 64
const NO_EVICTIONS: ReadonlyMap<string, number> = new Map()

/** A workload by kind and name, in its namespace. */
export type WorkloadName = Pick<PodOwner, 'kind' | 'name'>

/**
 * Sorts pods into groups and measures the availability of each: the share of its wanted pods that serve, over
 * time. A group is a number from 0, in order of its first pod.
 *
 * Pods of a Kubernetes workload are one group, those of a Deployment's ReplicaSets together. Trace pods (kind Task) and pods without an owner are grouped by
 * namespace and the label `app`, or, without that label, the priority class or priority: so the table stays
 * small.
 */
export class WorkloadGroups {
  readonly #names: Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'>[] = []
  #numbers = new Float64Array(FIRST_CAPACITY * STRIDE)
  readonly #byKey = new Map<string, number>()
  readonly #byOwner = new WeakMap<PodOwner, number>()
  readonly #ofTasks: (number | undefined)[] = []
  readonly #evictedBy: Map<string, number>[] = []
  readonly #desired = new Map<number, DesiredIntegrals>()
  readonly #warmUp: Micros
  readonly #workloadOf: (owner: PodOwner) => WorkloadName

  /** `workloadOf` names the workload that a controller of pods belongs to: itself, or what controls it. */
  constructor(warmUp: Micros, workloadOf: (owner: PodOwner) => WorkloadName = (owner) => owner) {
    this.#warmUp = warmUp
    this.#workloadOf = workloadOf
  }

  /** Counts an eviction of a pod of the group. */
  evicted(group: number, reason: string): void {
    this.add(group, GROUP_EVICTED, 1)
    const counts = (this.#evictedBy[group] ??= new Map())
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }

  /** Groups in the order of their output rows: namespace, kind, name. */
  sorted(): readonly WorkloadGroup[] {
    return this.#names
      .map((_, group) => this.#groupAt(group))
      .toSorted(
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
    for (let group = 0; group < this.#names.length; group++) {
      wanted += this.#number(group, WANTED_INTEGRAL)
      serving += this.#number(group, SERVING_INTEGRAL)
    }
    return wanted === 0 ? undefined : serving / wanted
  }

  /** The group of the pods of a Kubernetes owner. */
  ofOwner(owner: PodOwner, info: TemplateInfo): number {
    const known = this.#byOwner.get(owner)
    if (known !== undefined) return known
    const { kind, name } = this.#workloadOf(owner)
    const group = this.#group(info.template.metadata.namespace, kind, name)
    this.#byOwner.set(owner, group)
    return group
  }

  /** The group of a trace pod, or of one without an owner: those of a template are one group. */
  ofTemplate(kind: 'Pod' | typeof TASK, info: TemplateInfo): number {
    const slot = info.id * 2 + (kind === 'Pod' ? 0 : 1)
    return (this.#ofTasks[slot] ??= this.#group(info.template.metadata.namespace, kind, labelOf(info)))
  }

  /** Namespace, kind and name of a group. */
  nameOf(group: number): Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'> {
    return this.#names[group] as WorkloadGroup
  }

  /** The group of a workload; undefined for one that had no pod and asked for none. */
  find({ namespace, kind, name }: Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'>): number | undefined {
    return this.#byKey.get(`${namespace}/${kind}/${name}`)
  }

  /** Pods that the group is to have now: what its workload asks for, else its pods that should run. */
  wanted(group: number): number {
    const desired = this.#number(group, DESIRED)
    return desired > 0 ? desired - 1 : this.pods(group)
  }

  /** Pods of the group that should run. */
  pods(group: number): number {
    return this.#number(group, WANTED)
  }

  /** Pods of the group that serve. */
  serving(group: number): number {
    return this.#number(group, SERVING)
  }

  /** Adds to one of a group's numbers, by its place as named above. */
  add(group: number, place: number, amount: number): void {
    const at = group * STRIDE + place
    this.#numbers[at] = (this.#numbers[at] as number) + amount
  }

  /** Changes how many pods of the group should run, and how many do, from `now` on. */
  change(group: number, now: Micros, wanted: number, serving: number): void {
    const start = group * STRIDE
    const numbers = this.#numbers
    if (numbers[start + SINCE] !== now) this.#settle(start, now)
    numbers[start + WANTED] = (numbers[start + WANTED] as number) + wanted
    numbers[start + SERVING] = (numbers[start + SERVING] as number) + serving
  }

  /** A workload asks for so many replicas from `now` on. */
  setDesired(
    workload: Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'>,
    now: Micros,
    replicas: number,
  ): void {
    const start = this.#group(workload.namespace, workload.kind, workload.name) * STRIDE
    this.#settle(start, now)
    this.#numbers[start + DESIRED] = replicas + 1
  }

  /** A workload is gone; one that was none of its own (a Deployment's ReplicaSet) has no group. */
  workloadDeleted(workload: Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'>, now: Micros): void {
    const { namespace, kind, name } = workload
    if (this.#byKey.has(`${namespace}/${kind}/${name}`)) this.setDesired(workload, now, 0)
  }

  /** Pods times microseconds until now by which a group had fewer ready pods than its workload asked for. */
  shortage(group: number, now: Micros): number {
    this.#settle(group * STRIDE, now)
    const desired = this.#desired.get(group)
    if (desired !== undefined) return desired.replicas - desired.served
    return this.#number(group, WANTED_INTEGRAL) - this.#number(group, SERVING_INTEGRAL)
  }

  /** Brings all integrals up to the end of the run. */
  close(now: Micros): void {
    for (let group = 0; group < this.#names.length; group++) this.#settle(group * STRIDE, now)
  }

  #settle(start: number, now: Micros): void {
    const numbers = this.#numbers
    const since = numbers[start + SINCE] as number
    const span = now - (since < this.#warmUp ? this.#warmUp : since)
    numbers[start + SINCE] = now
    if (span <= 0) return
    const wanted = (numbers[start + WANTED] as number) * span
    const serving = (numbers[start + SERVING] as number) * span
    numbers[start + WANTED_INTEGRAL] = (numbers[start + WANTED_INTEGRAL] as number) + wanted
    numbers[start + SERVING_INTEGRAL] = (numbers[start + SERVING_INTEGRAL] as number) + serving
    const desired = numbers[start + DESIRED] as number
    if (desired > 0) this.#addDesired(start / STRIDE, (desired - 1) * span, serving)
  }

  #addDesired(group: number, replicas: number, serving: number): void {
    let integrals = this.#desired.get(group)
    if (integrals === undefined) {
      integrals = { replicas: 0, served: 0 }
      this.#desired.set(group, integrals)
    }
    integrals.replicas += replicas
    integrals.served += Math.min(replicas, serving)
  }

  #number(group: number, place: number): number {
    return this.#numbers[group * STRIDE + place] as number
  }

  #groupAt(group: number): WorkloadGroup {
    const { namespace, kind, name } = this.#names[group] as WorkloadGroup
    return {
      namespace,
      kind,
      name,
      podsCreated: this.#number(group, GROUP_CREATED),
      succeeded: this.#number(group, GROUP_SUCCEEDED),
      failed: this.#number(group, GROUP_FAILED),
      evicted: this.#number(group, GROUP_EVICTED),
      bound: this.#number(group, GROUP_BOUND),
      waited: this.#number(group, GROUP_WAITED),
      wantedIntegral: this.#number(group, WANTED_INTEGRAL),
      servingIntegral: this.#number(group, SERVING_INTEGRAL),
      lostWork: this.#number(group, GROUP_LOST_WORK),
      started: this.#number(group, GROUP_STARTED),
      startTime: this.#number(group, GROUP_START_TIME),
      runTime: this.#number(group, GROUP_RUN_TIME),
      evictedBy: this.#evictedBy[group] ?? NO_EVICTIONS,
      group,
      desired: this.#desired.get(group),
    }
  }

  #group(namespace: string, kind: string, name: string): number {
    const key = `${namespace}/${kind}/${name}`
    let group = this.#byKey.get(key)
    if (group === undefined) {
      group = this.#names.push({ namespace, kind, name }) - 1
      this.#byKey.set(key, group)
      if ((group + 1) * STRIDE > this.#numbers.length) {
        this.#numbers = widened(this.#numbers, this.#numbers.length * 2)
      }
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

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
