/** A metric that points are judged by, and which end of it is better. */
export interface ParetoMetric {
  readonly metric: string
  readonly better: 'less' | 'more'
}

/**
 * Which points are on the Pareto front: those that no other point is as good as in every metric and better than in one. A row
 * of values a point, in the order of the metrics. Equal points are on it together.
 */
export function paretoFront(
  rows: readonly (readonly number[])[],
  metrics: readonly ParetoMetric[],
): readonly boolean[] {
  const losses = rows.map((row) =>
    row.map((value, index) => (metrics[index]?.better === 'more' ? -value : value)),
  )
  return losses.map((row) => !losses.some((other) => dominates(other, row)))
}

function dominates(one: readonly number[], other: readonly number[]): boolean {
  let isBetter = false
  for (const [index, value] of one.entries()) {
    const against = other[index] ?? 0
    if (value > against) return false
    if (value < against) isBetter = true
  }
  return isBetter
}
