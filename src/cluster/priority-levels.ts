/** Priority levels of API priority and fairness that writes here belong to. */
export type PriorityLevelName =
  | 'leader-election'
  | 'node-high'
  | 'system'
  | 'workload-high'
  | 'workload-low'
  | 'global-default'
  | 'catch-all'

/** A level: its share of the seats, and how many percent of these it lends to others. */
export interface PriorityLevel {
  readonly name: PriorityLevelName
  readonly nominalShares: number
  readonly lendablePercent: number
}

/**
 * The suggested and mandatory levels of an API server. Source: Kubernetes v1.37, apiserver
 * pkg/apis/flowcontrol/bootstrap/default.go; `exempt`, which has no seats, is left out.
 */
export const PRIORITY_LEVELS: readonly PriorityLevel[] = [
  { name: 'system', nominalShares: 30, lendablePercent: 33 },
  { name: 'node-high', nominalShares: 40, lendablePercent: 25 },
  { name: 'leader-election', nominalShares: 10, lendablePercent: 0 },
  { name: 'workload-high', nominalShares: 40, lendablePercent: 50 },
  { name: 'workload-low', nominalShares: 100, lendablePercent: 90 },
  { name: 'global-default', nominalShares: 20, lendablePercent: 50 },
  { name: 'catch-all', nominalShares: 5, lendablePercent: 0 },
]

/** Seats of a level: how many requests of it are served at a time, and how many of its seats others may have. */
export interface LevelSeats {
  readonly name: PriorityLevelName
  readonly nominal: number
  readonly lendable: number
}

/**
 * Shares out the seats of an API server: each level gets its part, rounded up, and lends a part of that, rounded. Source: apiserver
 * util/flowcontrol `queueSetCompleterForPL`, `finishQueueSetReconfigsLocked`.
 */
export function seatsOf(total: number): readonly LevelSeats[] {
  const shares = PRIORITY_LEVELS.reduce((sum, { nominalShares }) => sum + nominalShares, 0)
  return PRIORITY_LEVELS.map(({ name, nominalShares, lendablePercent }) => {
    const nominal = Math.ceil((total * nominalShares) / shares)
    return { name, nominal, lendable: Math.round((nominal * lendablePercent) / 100) }
  })
}
