import type { PodDisruptionBudget, PodGroup } from '../src/api/types.generated.ts'
import type {
  ClusterView,
  PlacedPod,
  PodGroupPostFilterContext,
  PodGroupPostFilterResult,
} from '../src/scheduler/framework/index.ts'
import { splitByBudget } from './disruption-budgets.ts'

/** Pods that are preempted together or not at all. */
interface Victim {
  readonly pods: PlacedPod[]
  /** That of the PodGroup, for its pods. */
  readonly priority: number
  readonly isOfGroup: boolean
}

const PREFIX = 'pod group preemption: '

/**
 * Makes room for a group of pods that was rejected, in the whole cluster at once: removes all pods of lower priority, places
 * the group, and gives back what can stay beside it, the most important first. Pods of a PodGroup whose `disruptionMode` is
 * `all` go together.
 *
 * Source: Kubernetes v1.37, scheduler framework/preemption `PodGroupEvaluator`.
 */
export function preemptForGroup(context: PodGroupPostFilterContext): PodGroupPostFilterResult {
  const { cluster, priority } = context
  if (!context.mayPreempt) return nothing('not eligible due to preemptionPolicy=Never.')
  if (isOngoing(context)) {
    const message = `${PREFIX}ongoing preemption on nominated nodes`
    return { code: 'Success', message, victims: [], keepsNominations: true }
  }
  const potential = victimsIn(cluster).filter((victim) => victim.priority < priority)
  if (potential.length === 0) return nothing('No preemption victims found for incoming preemptor')
  potential.sort((one, other) => (isMoreImportant(one, other) ? -1 : 1))
  const budgets = [...(cluster.objects('PodDisruptionBudget') as Iterable<PodDisruptionBudget>)]
  const { violating, others } = splitByBudget(potential, ({ pods }) => pods, budgets)
  return context.trial((trial) => {
    for (const { pods } of potential) for (const pod of pods) trial.remove(pod)
    const rejection = trial.schedule()
    if (rejection !== undefined) return nothing(rejection.message)
    const victims: Victim[] = []
    for (const victim of [...violating, ...others]) {
      for (const pod of victim.pods) trial.add(pod)
      if (trial.fits()) continue
      for (const pod of victim.pods) trial.remove(pod)
      victims.push(victim)
    }
    const pods = victims.flatMap((victim) => victim.pods)
    const message = `${PREFIX}found a placement for podgroup, preempting ${pods.length} victims`
    return { code: 'Success', message, victims: pods }
  })
}

function nothing(message: string): PodGroupPostFilterResult {
  return { code: 'Unschedulable', message: `${PREFIX}${message}`, victims: [] }
}

/** Whether victims of an earlier preemption still end on nodes that the group's pods are nominated to. */
function isOngoing({ cluster, nominatedNodes, priority }: PodGroupPostFilterContext): boolean {
  return nominatedNodes.some((node) =>
    cluster.nodes
      .pods(node)
      .some((pod) => pod.endingForPreemption && priorityOf(pod, groupOf(pod, cluster)) < priority),
  )
}

/** All pods on nodes, in the order of the nodes, those that go together as one. */
function victimsIn(cluster: ClusterView): Victim[] {
  const victims: Victim[] = []
  const whole = new Map<PodGroup, Victim>()
  for (const node of cluster.order) {
    for (const pod of cluster.nodes.pods(node)) {
      const group = groupOf(pod, cluster)
      const together = group?.spec.disruptionMode?.all === undefined ? undefined : group
      const known = together === undefined ? undefined : whole.get(together)
      if (known !== undefined) {
        known.pods.push(pod)
        continue
      }
      const isOfGroup = pod.shape.spec.schedulingGroup !== undefined
      const victim: Victim = { pods: [pod], priority: priorityOf(pod, group), isOfGroup }
      victims.push(victim)
      if (together !== undefined) whole.set(together, victim)
    }
  }
  return victims
}

function groupOf({ shape }: PlacedPod, cluster: ClusterView): PodGroup | undefined {
  const name = shape.spec.schedulingGroup?.podGroupName
  return name === undefined
    ? undefined
    : (cluster.object('PodGroup', `${shape.namespace}/${name}`) as PodGroup | undefined)
}

function priorityOf(pod: PlacedPod, group: PodGroup | undefined): number {
  return group === undefined ? pod.priority : (group.spec.priority ?? 0)
}

/** Source: `MoreImportantVictim`: higher priority, a group before a pod, more pods, the earlier start, the smaller uid. */
function isMoreImportant(one: Victim, other: Victim): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority
  if (one.isOfGroup !== other.isOfGroup) return one.isOfGroup
  if (one.pods.length !== other.pods.length) return one.pods.length > other.pods.length
  const [start, otherStart] = [earliestStart(one), earliestStart(other)]
  if (start !== otherStart) return start < otherStart
  return uidOf(one) < uidOf(other)
}

function earliestStart({ pods }: Victim): number {
  return pods.reduce(
    (earliest, { startedAt }) => Math.min(earliest, startedAt ?? Number.MAX_SAFE_INTEGER),
    Number.MAX_SAFE_INTEGER,
  )
}

/** What identifies the victim's first pod: its uid, or its name where the run gave it none. */
function uidOf({ pods: [first] }: Victim): string {
  return first === undefined || first.uid === '' ? (first?.key ?? '') : first.uid
}
