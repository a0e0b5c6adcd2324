import type { PodGroup } from '../src/api/types.generated.ts'
import type { ClusterView, PlacedPod } from '../src/scheduler/framework/index.ts'

/** Pods that are preempted together or not at all. */
export interface Victim {
  readonly pods: readonly PlacedPod[]
  /** That of the PodGroup, for its pods. */
  readonly priority: number
  readonly isOfGroup: boolean
  /** Earliest start of its pods; one that has not started is the latest. */
  readonly start: number
}

/** Who is preempted with whom in a cluster, looked up once for all nodes of an attempt. */
export class Victims {
  readonly #cluster: ClusterView
  /** Pods on nodes of the PodGroups that are disrupted as a whole; made when asked for. */
  #whole: ReadonlyMap<PodGroup, readonly PlacedPod[]> | undefined

  constructor(cluster: ClusterView) {
    this.#cluster = cluster
  }

  /** The victims that these pods on nodes belong to, in the order of their first pods. */
  of(pods: Iterable<PlacedPod>): Victim[] {
    const victims: Victim[] = []
    const seen = new Set<PodGroup>()
    for (const pod of pods) {
      const group = this.#groupOf(pod)
      const isOfGroup = pod.shape.spec.schedulingGroup !== undefined
      const priority = group === undefined ? pod.priority : (group.spec.priority ?? 0)
      if (group?.spec.disruptionMode?.all === undefined) {
        victims.push({ pods: [pod], priority, isOfGroup, start: startOf(pod) })
      } else if (!seen.has(group)) {
        seen.add(group)
        const pods = this.#podsOf(group)
        victims.push({ pods, priority, isOfGroup, start: Math.min(...pods.map(startOf)) })
      }
    }
    return victims
  }

  /** The victims of all nodes. */
  all(): Victim[] {
    return this.of(this.#allPods())
  }

  /** The priority that counts for a pod when others look for room. */
  priorityOf(pod: PlacedPod): number {
    const group = this.#groupOf(pod)
    return group === undefined ? pod.priority : (group.spec.priority ?? 0)
  }

  #podsOf(group: PodGroup): readonly PlacedPod[] {
    if (this.#whole === undefined) {
      const whole = new Map<PodGroup, PlacedPod[]>()
      for (const pod of this.#allPods()) {
        const one = this.#groupOf(pod)
        if (one?.spec.disruptionMode?.all === undefined) continue
        const pods = whole.get(one)
        if (pods === undefined) whole.set(one, [pod])
        else pods.push(pod)
      }
      this.#whole = whole
    }
    return this.#whole.get(group) ?? []
  }

  *#allPods(): Iterable<PlacedPod> {
    const { nodes, order } = this.#cluster
    for (const node of order) yield* nodes.pods(node)
  }

  #groupOf({ shape }: PlacedPod): PodGroup | undefined {
    const name = shape.spec.schedulingGroup?.podGroupName
    if (name === undefined) return undefined
    return this.#cluster.object('PodGroup', `${shape.namespace}/${name}`) as PodGroup | undefined
  }
}

/**
 * Whether a victim is spared before another: higher priority, a group before a pod, more pods, the earlier start.
 *
 * Source: Kubernetes v1.37, scheduler framework/preemption `MoreImportantVictim`; the last word is the smaller uid there.
 */
export function isMoreImportantVictim(one: Victim, other: Victim): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority
  if (one.isOfGroup !== other.isOfGroup) return one.isOfGroup
  if (one.pods.length !== other.pods.length) return one.pods.length > other.pods.length
  return one.start < other.start
}

/** Gives a victim back on trial, and takes it again where the pod does not fit beside it; whether it stays. */
export function isSpared(
  { pods }: Victim,
  trial: { add(pod: PlacedPod): void; remove(pod: PlacedPod): void },
  fits: () => boolean,
): boolean {
  for (const pod of pods) trial.add(pod)
  if (fits()) return true
  for (const pod of pods) trial.remove(pod)
  return false
}

/** Start of a pod; of one that has not started, later than all. */
export function startOf(pod: PlacedPod): number {
  return pod.startedAt ?? Number.MAX_SAFE_INTEGER
}
