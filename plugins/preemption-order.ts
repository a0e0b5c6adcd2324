import type { PlacedPod, PreemptionCandidate } from '../src/scheduler/framework/index.ts'
import { startOf } from './preemption-victims.ts'

/** What is added to each priority before they are summed up, so that more victims weigh more (2^31). */
const PRIORITY_OFFSET = 2 ** 31

/**
 * The candidates that are equal in every criterion and better than the others, in their order: fewest budget
 * violations, lowest highest priority, smallest sum of priorities, fewest victims, latest start of the earliest
 * started victim of the highest priority.
 *
 * Source: Kubernetes v1.37, scheduler framework/preemption `pickOneNodeForPreemption`.
 */
export function bestCandidates(candidates: readonly PreemptionCandidate[]): readonly PreemptionCandidate[] {
  const criteria: readonly ((candidate: PreemptionCandidate) => number)[] = [
    (candidate) => candidate.disruptionBudgetViolations,
    (candidate) => candidate.victims[0]?.priority ?? 0,
    (candidate) => candidate.victims.reduce((sum, victim) => sum + victim.priority + PRIORITY_OFFSET, 0),
    (candidate) => candidate.victims.length,
    (candidate) => -earliestStart(candidate.victims),
  ]
  let left = candidates
  for (const criterion of criteria) {
    if (left.length === 1) break
    const values = left.map(criterion)
    const least = values.reduce((value, other) => Math.min(value, other), Infinity)
    left = left.filter((_, place) => values[place] === least)
  }
  return left
}

function earliestStart(victims: readonly PlacedPod[]): number {
  const highest = victims[0]?.priority ?? 0
  return victims
    .filter((victim) => victim.priority === highest)
    .reduce((earliest, victim) => Math.min(earliest, startOf(victim)), Number.MAX_SAFE_INTEGER)
}
