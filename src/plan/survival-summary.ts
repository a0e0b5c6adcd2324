import type { LossOutcome, Survival, SurvivalVerdict, WorkloadSurvival } from './survive.ts'

/** What all losses that were tried do to one workload. */
export interface WorkloadSummary {
  /** As the worst loss leaves it. */
  readonly worst: WorkloadSurvival
  /** Name of that loss, the first of several alike. */
  readonly loss: string
  /** Losses after which it breaks, and after which it dips. */
  readonly breaks: number
  readonly dips: number
}

/** How many workloads break and dip after a loss. */
export interface LossSummary {
  readonly outcome: LossOutcome
  readonly breaks: number
  readonly dips: number
}

const RANK: Readonly<Record<SurvivalVerdict, number>> = { breaks: 2, dips: 1, keeps: 0 }

/** The workloads in their order, each with its worst loss: by verdict, then fewest ready, then replicas missing for longest. */
export function workloadSummaries({ outcomes }: Survival): readonly WorkloadSummary[] {
  const byKey = new Map<string, WorkloadSummary>()
  for (const { name: loss, workloads } of outcomes) {
    for (const one of workloads) {
      const known = byKey.get(one.key)
      const isWorse = known === undefined || badness(one).some(isMore(badness(known.worst)))
      byKey.set(one.key, {
        ...(isWorse ? { worst: one, loss } : { worst: known.worst, loss: known.loss }),
        breaks: (known?.breaks ?? 0) + (one.verdict === 'breaks' ? 1 : 0),
        dips: (known?.dips ?? 0) + (one.verdict === 'dips' ? 1 : 0),
      })
    }
  }
  return [...byKey.values()]
}

/** The losses from the worst one on: by workloads that break, then that dip, then replicas missing for longest, then as they were tried. */
export function lossesByHarm({ outcomes }: Survival): readonly LossSummary[] {
  return outcomes
    .map((outcome) => ({ outcome, breaks: count(outcome, 'breaks'), dips: count(outcome, 'dips') }))
    .toSorted(
      (one, other) =>
        other.breaks - one.breaks || other.dips - one.dips || missing(other.outcome) - missing(one.outcome),
    )
}

function badness({ verdict, least, missing: span }: WorkloadSurvival): readonly number[] {
  return [RANK[verdict], -least, span]
}

/** Whether a number is more than that at its place of a list, and those before it are alike. */
function isMore(
  known: readonly number[],
): (value: number, index: number, values: readonly number[]) => boolean {
  return (value, index, values) =>
    value > (known[index] ?? 0) && values.slice(0, index).every((before, place) => before === known[place])
}

function count({ workloads }: LossOutcome, verdict: SurvivalVerdict): number {
  return workloads.filter((one) => one.verdict === verdict).length
}

function missing({ workloads }: LossOutcome): number {
  return workloads.reduce((sum, one) => sum + one.missing, 0)
}
