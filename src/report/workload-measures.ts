import type { Job } from '../api/types.generated.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import type { PodLives } from './pod-lives.ts'
import type { Rollout } from './rollouts.ts'
import { exactStatistics } from './statistics.ts'
import type { ExactStatistics } from './statistics.ts'
import type { WorkloadGroup } from './workload-groups.ts'

/** What became of the workloads of a run, over all of it. */
export interface WorkloadMeasures {
  readonly rollouts: number
  /** Rollouts by `complete`, `superseded`, `open`. */
  readonly rolloutsBy: ReadonlyMap<string, number>
  /** Microseconds that the complete ones took; undefined without any. */
  readonly rolloutTimes: ExactStatistics | undefined
  /** Deployments whose `progressDeadlineSeconds` passed before they were rolled out. */
  readonly deadlinesExceeded: number
  /** Jobs by `complete` and `failed`. */
  readonly jobsBy: ReadonlyMap<string, number>
  /** Restarts of containers of pods that are no trace's. */
  readonly restarts: number
  /** Pods times microseconds, after the warm-up: replicas that were asked for and did not serve. */
  readonly unavailable: number
}

/** Counts the Jobs that come to their end, by what their controller writes in their status. */
export class JobOutcomes {
  readonly counts = new Map<string, number>()
  readonly #ended = new Set<string>()

  /** Hears of a write of any object. */
  written({ kind, object }: WrittenObject): void {
    if (kind !== 'Job' || object === undefined) return
    const { metadata, status } = object as Job
    const end = status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed')
    const uid = metadata?.uid ?? ''
    if (end?.status !== 'True' || this.#ended.has(uid)) return
    this.#ended.add(uid)
    const outcome = end.type.toLowerCase()
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1)
  }
}

/** What is measured of the workloads of a run; undefined when it had none. */
export function measureWorkloads(
  rollouts: readonly Rollout[],
  jobs: JobOutcomes,
  groups: readonly WorkloadGroup[],
  lives: PodLives,
): WorkloadMeasures | undefined {
  const owned = groups.filter(({ desired, group }) => desired !== undefined || lives.of(group).restarts > 0)
  if (rollouts.length === 0 && jobs.counts.size === 0 && owned.length === 0) return undefined
  const rolloutsBy = new Map<string, number>()
  for (const { outcome } of rollouts) rolloutsBy.set(outcome, (rolloutsBy.get(outcome) ?? 0) + 1)
  const times = rollouts.flatMap(({ outcome, startedAt, endedAt }) =>
    outcome === 'complete' && endedAt !== undefined ? [endedAt - startedAt] : [],
  )
  return {
    rollouts: rollouts.length,
    rolloutsBy,
    rolloutTimes: exactStatistics(times),
    deadlinesExceeded: rollouts.filter(({ hasExceededDeadline }) => hasExceededDeadline).length,
    jobsBy: jobs.counts,
    restarts: owned.reduce((sum, { group }) => sum + lives.of(group).restarts, 0),
    unavailable: owned.reduce(
      (sum, { desired }) => sum + (desired?.replicas ?? 0) - (desired?.served ?? 0),
      0,
    ),
  }
}
