import { QOS_CLASSES } from '../../report-data.ts'
import { numberText, timeText } from '../format.ts'
import type { PlayerModel } from './player-model.ts'
import type { PlayerResource } from './pod-columns.ts'

/** An amount of a resource as people say it: `2.5 cores`, `512 MiB`, `1.5 GPUs`; `no CPU` for none. */
export function amountText(resource: PlayerResource, amount: number): string {
  if (resource === 'memory') return amount === 0 ? 'no memory' : bytesText(amount)
  const whole = amount / 1000
  const [none, one, many] = resource === 'cpu' ? ['no CPU', 'core', 'cores'] : ['no GPU', 'GPU', 'GPUs']
  if (amount === 0) return none
  return `${numberText(whole)} ${whole === 1 ? one : many}`
}

/** Name and value of what is known of a pod, times last. */
export function podFacts(model: PlayerModel, pod: number): (readonly [name: string, value: string])[] {
  const { player, pods, resources } = model
  const priority = player.priorities[pods.priority[pod] ?? 0] ?? 0
  return [
    ['Workload', player.workloads[pods.workload[pod] ?? 0] ?? '–'],
    ['QoS', QOS_CLASSES[pods.qos[pod] ?? 0] ?? '–'],
    ['Priority', numberText(priority)],
    ['Requests', resources.map((resource) => amountText(resource, pods[resource][pod] ?? 0)).join(', ')],
    ['Created', timeText(pods.createdAt[pod] ?? Number.NaN)],
    ['Bound', knownTime(pods.boundAt[pod], 'never')],
    ['Running', knownTime(pods.runningAt[pod], 'never')],
    ['Ended', knownTime(pods.endedAt[pod], 'there at the end')],
    ['Outcome', player.outcomes[pods.outcome[pod] ?? 0] ?? '–'],
  ]
}

/** Where a pod is at an instant, in a sentence; undefined while it runs. */
export function whereabouts({ pods, at }: PlayerModel, pod: number): string | undefined {
  const bound = pods.boundAt[pod] ?? Infinity
  const ended = pods.endedAt[pod] ?? Infinity
  if (at.value >= ended) return 'At this instant it is gone.'
  if (at.value < (pods.createdAt[pod] ?? 0)) return 'At this instant it is not created yet.'
  if (at.value < bound) return 'At this instant it waits for a node.'
  if (at.value < (pods.runningAt[pod] ?? 0)) return 'At this instant it is bound and does not run yet.'
  return undefined
}

function knownTime(at: number | undefined, otherwise: string): string {
  return at === undefined || !Number.isFinite(at) ? otherwise : timeText(at)
}

function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${numberText(Math.round(value * 100) / 100)} ${units[unit]}`
}
