import { explainDecision } from './explain-decision.ts'
import { firstDecisionDifference, hasDecisions } from './decision-difference.ts'
import type { DecisionDifference } from './decision-difference.ts'
import { manifestDifferences, readManifest } from './manifest-difference.ts'
import type { ManifestDifference, RunManifest } from './manifest-difference.ts'
import { metricPairs } from './metric-differences.ts'
import type { MetricPair } from './metric-differences.ts'
import { podDifferences } from './pod-differences.ts'
import type { PodDifferences } from './pod-differences.ts'
import { hasTable } from '../table/table-file.ts'

/** How two runs differ. */
export interface RunDiff {
  readonly a: RunManifest
  readonly b: RunManifest
  readonly manifest: readonly ManifestDifference[]
  /** All metrics of the summaries, equal ones too. */
  readonly metrics: readonly MetricPair[]
  readonly pods: PodDifferences
  /** Whether both runs have recorded decisions. */
  readonly comparesDecisions: boolean
  /** The first decision that differs; undefined where none does, or they were not recorded. */
  readonly decision: (DecisionDifference & { readonly because: readonly string[] }) | undefined
  /** Whether the runs were made from the same and came to the same: how the command was spelled does not count. */
  readonly isEqual: boolean
}

/** Compares the outputs of two runs. Throws `InputError` where a directory is not that of a run. */
export async function diffRuns(directoryA: string, directoryB: string): Promise<RunDiff> {
  const a = readManifest(directoryA)
  const b = readManifest(directoryB)
  const manifest = manifestDifferences(a, b)
  const metrics = await metricPairs(directoryA, directoryB)
  const pods = await podDifferences(directoryA, directoryB)
  const comparesDecisions = hasDecisions(directoryA, directoryB)
  const found = comparesDecisions ? await firstDecisionDifference(directoryA, directoryB) : undefined
  const decision = found === undefined ? undefined : { ...found, because: explainDecision(found) }
  const isEqual =
    manifest.every(({ field }) => field === 'command') &&
    metrics.every((pair) => pair.a === pair.b) &&
    arePodsEqual(pods) &&
    decision === undefined
  return { a, b, manifest, metrics, pods, comparesDecisions, decision, isEqual }
}

/** Whether a run has what was said of each node at each decision. */
export function hasNodeDecisions(directory: string): boolean {
  return hasTable(directory, 'decision_nodes.csv')
}

function arePodsEqual({
  onlyInA,
  onlyInB,
  otherNode,
  otherBoundTime,
  otherOutcome,
}: PodDifferences): boolean {
  return onlyInA + onlyInB + otherNode + otherBoundTime + otherOutcome === 0
}
