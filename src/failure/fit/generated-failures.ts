import { compileDistribution } from '../../base/distribution.ts'
import type { RandomStreams } from '../../base/random.ts'
import { parseDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { FailureFit } from './failure-fit.ts'
import type { SystemHistory } from './failure-history.ts'
import type { FamilyChoice } from './fitted-scenario.ts'
import { spanDistribution } from './fitted-spans.ts'

/** A failure that was drawn. */
export interface GeneratedFailure {
  readonly machine: string
  readonly at: Micros
  readonly span: Micros
}

/**
 * Draws the failures of a system from its fit, in order of time, up to an instant.
 *
 * Failures come as a renewal process of the whole system: with the share of the trace's failures that began in the same
 * minute as the one before, so does this one; else after a draw from the fitted distribution. Which machine fails is drawn by how
 * often each did. Its repair is a draw from the fitted distribution. Gaps, repairs and machines each have a stream of their
 * own.
 */
export function* generatedFailures(
  { fit, history }: { readonly fit: FailureFit; readonly history: SystemHistory },
  setting: { readonly random: RandomStreams; readonly until: Micros; readonly choice: FamilyChoice },
): Generator<GeneratedFailure> {
  const { timeBetweenFailures: gaps, repair } = fit
  const apart = gaps.count - gaps.zeros
  const gapHours = ((gaps.mean ?? 0) * gaps.count) / Math.max(1, apart)
  const { between, repair: repairFamily } = setting.choice
  const gap = compileDistribution(
    spanDistribution(gaps, { family: between, meanHours: gapHours, of: 'times between failures' }),
    'timeBetweenFailures',
    parseDuration,
  )
  const repairHours = repair.mean ?? 0
  const down = compileDistribution(
    spanDistribution(repair, { family: repairFamily, meanHours: repairHours, of: 'repairs' }),
    'repair',
    parseDuration,
  )
  const streamOf = (name: string) => setting.random.stream(`failure/generated/${fit.system}/${name}`)
  const [gapStream, togetherStream] = [streamOf('gap'), streamOf('together')]
  const [downStream, machineStream] = [streamOf('repair'), streamOf('machine')]
  const machines = machinesByWeight(history)
  const draw = (): Micros => Math.round(gap(gapStream))
  for (let at = draw(); at < setting.until;) {
    const machine = machines.names[machineStream.pick(machines.cumulative)] ?? ''
    yield { machine, at, span: Math.max(1, Math.round(down(downStream))) }
    const isTogether = togetherStream.uniform() * gaps.count < gaps.zeros
    if (!isTogether) at += draw()
  }
}

/** Machines in order of their first row, with how many failures they and all before them had. */
function machinesByWeight(history: SystemHistory): {
  readonly names: readonly string[]
  readonly cumulative: readonly number[]
} {
  if (history.machines.size === 0) return { names: [history.system], cumulative: [1] }
  let total = 0
  return {
    names: [...history.machines.keys()],
    cumulative: [...history.machines.values()].map((starts) => (total += starts.length)),
  }
}

/** The header of a failure trace of the Failure Trace Archive. */
export const EVENT_TRACE_HEADER =
  '# event_id component_id node_id platform_id node_name event_type event_start_time event_stop_time event_end_reason'

/** A failure as a row of such a trace, which `grid5000` reads: seconds, to the microsecond. */
export function eventTraceRow(id: number, system: string, failure: GeneratedFailure): string {
  const name = failure.machine.includes('/') ? failure.machine : `generated/${system}/node${failure.machine}`
  const cells = [
    id,
    0,
    0,
    0,
    name.replaceAll(/\s+/g, '_'),
    0,
    failure.at / 1e6,
    (failure.at + failure.span) / 1e6,
  ]
  return `${cells.join('\t')}\tNULL`
}
