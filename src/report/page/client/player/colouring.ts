import { QOS_CLASSES } from '../../report-data.ts'
import type { Player } from '../../report-data.ts'
import { oklch } from '../colour/oklch.ts'
import type { Theme } from '../palette.ts'
import type { PodColumns } from './pod-columns.ts'

/** What a pod's colour tells. */
export type ColourBy = 'qos' | 'priority' | 'workload'

/** Pods in groups of one colour each, the same at every instant. */
export interface Colouring {
  readonly by: ColourBy
  readonly groups: readonly ColourGroup[]
  /** Group of each pod. */
  readonly groupOf: Uint8Array
}

/** One entry of the legend. */
export interface ColourGroup {
  readonly label: string
  readonly pods: number
}

/** Workloads with a colour of their own; the others share grey. */
const WORKLOADS_MAX = 9

/** Steps of the ramp of priorities. */
const PRIORITIES_MAX = 7

/** Groups pods by what their colour shall tell. O(pods). */
export function colouringOf(by: ColourBy, player: Player, pods: PodColumns): Colouring {
  if (by === 'qos') return colouring(by, pods, pods.qos, [...QOS_CLASSES], (qos) => qos)
  if (by === 'priority') return byPriority(player, pods)
  return byWorkload(player, pods)
}

/**
 * Colours of the groups, in their order, as a canvas takes them. Hues come with lightnesses of their own, so that they stay
 * apart for colour-blind readers; each stands out from free room by 3:1.
 */
export function groupColours({ by, groups }: Colouring, theme: Theme): readonly string[] {
  const isDark = theme === 'dark'
  if (by === 'priority') {
    return groups.map((_, index) => {
      const part = groups.length === 1 ? 0.5 : index / (groups.length - 1)
      return isDark
        ? oklch(0.54 + 0.38 * part, 0.13, 300 - 215 * part)
        : oklch(0.68 - 0.4 * part, 0.13, 60 - 120 * part)
    })
  }
  const hues = by === 'qos' ? QOS_HUES : WORKLOAD_HUES
  return groups.map((_, index) => {
    const hue = hues[index]
    if (hue === undefined) return isDark ? oklch(0.62, 0.01, 260) : oklch(0.62, 0.01, 260)
    const [light, dark, chroma, angle] = hue
    return oklch(isDark ? dark : light, chroma, angle)
  })
}

type Hue = readonly [light: number, dark: number, chroma: number, angle: number]

/** Blue, teal, orange. */
const QOS_HUES: readonly Hue[] = [
  [0.42, 0.62, 0.14, 262],
  [0.6, 0.78, 0.11, 185],
  [0.67, 0.86, 0.15, 70],
]

const WORKLOAD_HUES: readonly Hue[] = [
  [0.48, 0.66, 0.15, 255],
  [0.67, 0.8, 0.15, 62],
  [0.57, 0.72, 0.12, 165],
  [0.42, 0.58, 0.16, 300],
  [0.64, 0.76, 0.16, 15],
  [0.66, 0.9, 0.13, 100],
  [0.63, 0.84, 0.1, 220],
  [0.4, 0.6, 0.11, 35],
  [0.53, 0.7, 0.17, 340],
]

function colouring(
  by: ColourBy,
  pods: PodColumns,
  values: ArrayLike<number>,
  labels: readonly string[],
  groupFor: (value: number) => number,
): Colouring {
  const groupOf = new Uint8Array(pods.count)
  const counts = labels.map(() => 0)
  for (let row = 0; row < pods.count; row++) {
    const group = groupFor(values[row] ?? 0)
    groupOf[row] = group
    counts[group] = (counts[group] ?? 0) + 1
  }
  return { by, groups: labels.map((label, index) => ({ label, pods: counts[index] ?? 0 })), groupOf }
}

/** From the lowest priority to the highest; where there are many, as many neighbours a step as needed. */
function byPriority({ priorities }: Player, pods: PodColumns): Colouring {
  const ascending = priorities.map((_, index) => index)
  ascending.sort((one, other) => (priorities[one] ?? 0) - (priorities[other] ?? 0))
  const steps = Math.min(PRIORITIES_MAX, ascending.length)
  const groupFor = new Map(
    ascending.map((index, rank) => [index, Math.floor((rank * steps) / ascending.length)]),
  )
  const labels = Array.from({ length: steps }, (_, step) => {
    const members = ascending.filter((index) => groupFor.get(index) === step)
    const first = String(priorities[members[0] ?? 0])
    const last = String(priorities[members.at(-1) ?? 0])
    return first === last ? first : `${first} to ${last}`
  })
  return colouring('priority', pods, pods.priority, labels, (index) => groupFor.get(index) ?? 0)
}

/** The workloads with the most pods over the whole run, so that a colour means one workload at every instant. */
function byWorkload({ workloads }: Player, pods: PodColumns): Colouring {
  const counts = workloads.map(() => 0)
  for (let row = 0; row < pods.count; row++) {
    const workload = pods.workload[row] ?? 0
    counts[workload] = (counts[workload] ?? 0) + 1
  }
  const byCount = workloads.map((_, index) => index)
  byCount.sort((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0) || one - other)
  const own = byCount.slice(0, WORKLOADS_MAX)
  const groupFor = new Map(own.map((index, rank) => [index, rank]))
  const others = workloads.length - own.length
  const labels = own.map((index) => workloads[index] ?? '')
  if (others > 0) labels.push(`${others} ${others === 1 ? 'other' : 'others'}`)
  return colouring('workload', pods, pods.workload, labels, (index) => groupFor.get(index) ?? own.length)
}
