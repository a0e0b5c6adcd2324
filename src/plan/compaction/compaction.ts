import { exactStatistics, meanInterval } from '../../report/statistics.ts'
import type { MeanInterval } from '../../report/statistics.ts'
import type { TrialResult } from './trial.ts'

/** What all trials of one policy came to. */
export interface PolicyCompaction {
  readonly policy: string
  /** Finished trials in which the workload fitted. */
  readonly machines: MeanInterval | undefined
  /**
   * 90th percentile of the machines needed, the result of a trial set as Borg's evaluation reports it: interpolated between the two nearest
   * trials, as NumPy does.
   */
  readonly p90: number | undefined
  /** Machines over the bound of the same order, less 1. */
  readonly gap: MeanInterval | undefined
  /** Machines less those of the first policy, order by order; undefined for the first. */
  readonly difference: MeanInterval | undefined
  /** Trials in which the whole cell held too little. */
  readonly failed: number
  readonly anomalies: number
}

/** The policies side by side; those of the first are what the others are compared with. */
export function compactionsOf(
  policies: readonly string[],
  results: readonly TrialResult[],
): readonly PolicyCompaction[] {
  const first = new Map(ofPolicy(results, policies[0]).map(({ trial, machines }) => [trial, machines]))
  return policies.map((policy, index) => {
    const own = ofPolicy(results, policy)
    const fitting = own.filter(
      (result): result is TrialResult & { machines: number } => result.machines !== undefined,
    )
    const differences = fitting.flatMap(({ trial, machines }) => {
      const other = first.get(trial)
      return other === undefined ? [] : [machines - other]
    })
    return {
      policy,
      machines: meanInterval(fitting.map(({ machines }) => machines)),
      p90: exactStatistics(fitting.map(({ machines }) => machines))?.p90,
      gap: meanInterval(fitting.map(({ machines, bound }) => machines / bound - 1)),
      difference: index === 0 ? undefined : meanInterval(differences),
      failed: own.length - fitting.length,
      anomalies: own.reduce((sum, { anomalies }) => sum + anomalies, 0),
    }
  })
}

function ofPolicy(results: readonly TrialResult[], policy: string | undefined): readonly TrialResult[] {
  return results.filter((result) => result.policy === policy)
}
