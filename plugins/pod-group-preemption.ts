import type { PodDisruptionBudget } from '../src/api/types.generated.ts'
import type { PodGroupPostFilterContext, PodGroupPostFilterResult } from '../src/scheduler/framework/index.ts'
import { splitByBudget } from './disruption-budgets.ts'
import { Victims, isMoreImportantVictim, isSpared } from './preemption-victims.ts'
import type { Victim } from './preemption-victims.ts'

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
  const potential = new Victims(cluster).all().filter((victim) => victim.priority < priority)
  if (potential.length === 0) return nothing('No preemption victims found for incoming preemptor')
  potential.sort((one, other) => (isMoreImportantVictim(one, other) ? -1 : 1))
  const budgets = [...(cluster.objects('PodDisruptionBudget') as Iterable<PodDisruptionBudget>)]
  const { violating, others } = splitByBudget(potential, budgets)
  return context.trial((trial) => {
    for (const { pods } of potential) for (const pod of pods) trial.remove(pod)
    const rejection = trial.schedule()
    if (rejection !== undefined) return nothing(rejection.message)
    const victims: Victim[] = []
    for (const victim of [...violating.keys(), ...others]) {
      if (!isSpared(victim, trial, () => trial.fits())) victims.push(victim)
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
  const victims = new Victims(cluster)
  return nominatedNodes.some((node) =>
    cluster.nodes.pods(node).some((pod) => pod.endingForPreemption && victims.priorityOf(pod) < priority),
  )
}
