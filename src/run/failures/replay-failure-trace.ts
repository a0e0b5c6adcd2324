import { InputError, formatProblem } from '../../base/errors.ts'
import { readFailureTrace } from '../../failure/failure-trace.ts'
import type { FailureTrace } from '../../failure/failure-trace.ts'
import { startOutages } from '../../failure/outage.ts'
import { tracedOutages } from '../../failure/traced-outages.ts'
import type { FailureTraceSource } from '../../scenario/failures/failure-trace.ts'
import { selectNodes } from '../build-nodes.ts'
import type { FailureParts } from './failure-start.ts'

/** Replays a trace of failures on all nodes; tells which of its rows were left out. */
export function replayFailureTrace(
  { sim, api, log }: FailureParts,
  source: FailureTraceSource,
  _: number,
  index: number,
): readonly string[] {
  const { failures, skipped } = traceOf(source)
  const taken = failures
    .filter((failure) => failure.at >= source.from)
    .slice(0, source.limit)
    .map((failure) => ({ ...failure, at: failure.at - source.from }))
  const rows = selectNodes(api, undefined).map(({ row }) => row)
  const stream = sim.random.stream(`failure/trace/${index}`)
  const outages = tracedOutages(taken, rows, { timeScale: source.timeScale, stream })
  startOutages(sim, log, `failure-trace/${index}`, outages)
  return [...skipped].map(([reason, count]) => `${source.file}: ${count} rows were left out: ${reason}`)
}

/** Reads the trace of a failure. Throws `InputError` that names the place in the scenario, and that in the trace. */
export function traceOf({ file, format, system, place }: FailureTraceSource): FailureTrace {
  try {
    return readFailureTrace(file, format, system)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(error.problems.map((problem) => ({ ...place, message: formatProblem(problem) })))
  }
}
