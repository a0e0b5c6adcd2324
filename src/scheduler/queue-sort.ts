import type { PodGroupLister } from './framework/pod-groups.ts'
import type { Profile } from './profile.ts'
import type { QueueOptions } from './queue-options.ts'

/** The order of the queue that a plugin gives, which is one for all profiles; none where PrioritySort sorts it. */
export function queueSortOf(
  profiles: ReadonlyMap<string, Profile>,
  groups: PodGroupLister,
): Pick<QueueOptions, 'queueTime'> {
  if (![...profiles.values()].some(({ queueSort }) => queueSort.length > 0)) return {}
  return {
    queueTime(pod) {
      const [index = -1] = pod.profile.queueSort
      const plugin = pod.profile.plugins[index]
      const { terms } = plugin?.sized === false ? pod.kin : pod.podClass
      return plugin?.queueTime?.(terms[index], groups) ?? pod.arrivedAt
    },
  }
}
