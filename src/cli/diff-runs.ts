import type { DetailedDecision } from '../report/diff/decision-difference.ts'
import { diffRuns } from '../report/diff/run-diff.ts'
import type { RunDiff } from '../report/diff/run-diff.ts'
import { diffText } from './diff-text.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'

/** Flags of `stowage diff`, as commander hands them over. */
export interface DiffFlags {
  readonly all?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Compares two runs and prints how they differ. Returns the exit status: whether they are equal. */
export async function compareRuns(a: string, b: string, flags: DiffFlags, io: CommandIo): Promise<number> {
  const diff = await diffRuns(a, b)
  const showsAll = flags.all === true
  if (flags.json === true) io.stdout.write(`${JSON.stringify(jsonOf(diff, showsAll), undefined, 2)}\n`)
  else if (flags.quiet !== true) io.stdout.write(diffText(diff, { a, b, showsAll }))
  return diff.isEqual ? EXIT.done : EXIT.conditionFailed
}

function jsonOf(diff: RunDiff, showsAll: boolean): unknown {
  const { isEqual, manifest, metrics, pods, comparesDecisions, decision } = diff
  return {
    isEqual,
    manifest,
    metrics: metrics.filter((pair) => showsAll || pair.a !== pair.b),
    pods,
    comparesDecisions,
    decision:
      decision === undefined
        ? undefined
        : { a: decisionJson(decision.a), b: decisionJson(decision.b), because: decision.because },
  }
}

function decisionJson(decision: DetailedDecision | undefined): unknown {
  if (decision === undefined) return undefined
  const { verdicts, ...rest } = decision
  if (verdicts === undefined) return rest
  const nodes = [...verdicts].map(([node, verdict]) => ({
    node,
    ...verdict,
    scores: Object.fromEntries(verdict.scores),
  }))
  return { ...rest, nodes }
}
