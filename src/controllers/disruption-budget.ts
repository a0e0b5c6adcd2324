import { scaledValue } from '../api/int-or-percent.ts'
import type { IntOrString, PodDisruptionBudget } from '../api/types.generated.ts'

/** How long a pod whose eviction was granted counts as gone before its deletion is seen, in seconds (disruption `DeletionTimeout`). */
export const DELETION_TIMEOUT_SECONDS = 120

/** How many pods a budget is about, and how many of them have to be healthy. */
export interface WantedHealth {
  readonly expectedPods: number
  readonly desiredHealthy: number
}

/**
 * What a budget asks for. `podCount` is the number of its pods; `scale` gives how many the controllers of the pods want, asked
 * only where that matters: percentages and `maxUnavailable`. Percentages are rounded up.
 *
 * Source: kube-controller-manager v1.37, disruption `getExpectedPodCount`.
 */
export function wantedHealth(
  spec: NonNullable<PodDisruptionBudget['spec']>,
  podCount: number,
  scale: () => number,
): WantedHealth {
  const { maxUnavailable, minAvailable } = spec
  if (maxUnavailable !== undefined) {
    const expectedPods = scale()
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods)) }
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 }
  if (typeof minAvailable === 'number') return { expectedPods: podCount, desiredHealthy: minAvailable }
  const expectedPods = scale()
  return { expectedPods, desiredHealthy: scaled(minAvailable, expectedPods) }
}

/** Voluntary disruptions that are allowed now. Source: disruption `updatePdbStatus`. */
export function disruptionsAllowed(
  currentHealthy: number,
  { expectedPods, desiredHealthy }: WantedHealth,
): number {
  return expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy)
}

function scaled(value: IntOrString, total: number): number {
  return scaledValue(value, total, 'up') ?? 0
}
