import type { PodGroup } from './asks.ts'

/** Pods that ask for resources in one proportion, taken together: parts of a relaxation. */
export interface DirectionGroup {
  readonly classes: readonly number[]
  /** What a part of weight 1 asks for, as shares of the largest machine; the largest is 1. */
  readonly amounts: readonly number[]
  readonly weight: number
}

/** Steps that proportions are rounded down to, finest first; none leaves them as they are. */
const STEPS: readonly (number | undefined)[] = [undefined, 1024, 256, 64, 32, 16, 8, 4]

/**
 * Pods as a relaxation sees them, which may cut them: those of one proportion that go to the same machines are one group. Where there are
 * more than `groupsMax`, amounts are rounded down until they are not more, or by the coarsest steps; what is computed of them stays a
 * lower bound. What a pod asks for most is never rounded.
 */
export function directionGroups(
  groups: readonly PodGroup[],
  largest: readonly number[],
  groupsMax: number,
): readonly DirectionGroup[] {
  let found: readonly DirectionGroup[] = []
  for (const steps of STEPS) {
    found = groupedBy(groups, largest, steps)
    if (found.length <= groupsMax) break
  }
  return found
}

function groupedBy(
  groups: readonly PodGroup[],
  largest: readonly number[],
  steps: number | undefined,
): readonly DirectionGroup[] {
  const byKey = new Map<string, DirectionGroup & { weight: number }>()
  for (const { amounts, count, classes } of groups) {
    const shares = amounts.map((amount, resource) => amount / (largest[resource] ?? 1))
    const most = Math.max(...shares)
    const direction = shares.map((share) => {
      const part = share / most
      return steps === undefined ? part : Math.floor(part * steps) / steps
    })
    const key = `${classes.join(' ')}|${direction.join(' ')}`
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, { classes, amounts: direction, weight: most * count })
    else known.weight += most * count
  }
  return [...byKey.values()]
}
