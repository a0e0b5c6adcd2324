import type { ApiServer } from '../cluster/api-server.ts'
import type { OwnedPods } from '../cluster/owned-pods.ts'
import type { Tasks } from '../controllers/task.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog } from '../failure/failure-log.ts'
import type { Kubelets } from '../node/kubelet.ts'
import type { Machines } from '../node/machine.ts'
import type { Recorder } from '../report/recorder.ts'
import { RunOutputs } from '../report/run-outputs.ts'
import type { OutputOptions } from '../report/run-outputs.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { PluginError } from '../scheduler/plugin-call.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { Checkpoints } from './checkpoints.ts'
import type { NamespacePolicies } from './namespace-policies.ts'
import { SLICE, play } from './play.ts'
import { buildRun } from './build-run.ts'
import { finishRun, hasPlaced, reportBroken } from './finish-run.ts'
import type { RunHooks, RunParts, RunResult } from './run-parts.ts'

export type { RunHooks, RunResult } from './run-parts.ts'

/**
 * Builds the run that a scenario describes, runs it to its end and reports.
 *
 * The end is `until`, or when all work is done; pods that nothing can be done for do not keep it running. Throws
 * `InputError` for wrong input, `OutputError` when a file cannot be written, `PluginError` when a plugin fails: then the
 * files hold what had happened by then, as after an interruption, if a pod had been placed.
 */
export async function runScenario(scenario: Scenario, hooks: RunHooks): Promise<RunResult> {
  const outputs =
    hooks.directory === undefined
      ? undefined
      : new RunOutputs({
          directory: hooks.directory,
          ...(await tableForms(scenario)),
          pods: scenario.report.pods,
          decisions: scenario.report.decisions,
          nodeDecisions: scenario.report.nodeDecisions,
          ...resumable(hooks),
        })
  try {
    const parts = await buildRun(scenario, outputs, hooks)
    const places = checkpointsOf(parts, outputs, hooks)
    try {
      await play(parts, { ...hooks, ...(places === undefined ? {} : { places }) })
    } catch (error) {
      if (error instanceof PluginError && hasPlaced(parts) && places?.isReplaying !== true)
        reportBroken(parts, hooks, error)
      throw error
    }
    places?.ended(hooks.signal.aborted)
    const result = finishRun(parts, hooks)
    places?.reported(result.interrupted)
    return result
  } catch (error) {
    outputs?.abandon()
    throw error
  }
}

/** The forms of the tables; what makes Parquet is loaded only for it. */
async function tableForms({
  report: { tables },
}: Scenario): Promise<Pick<OutputOptions, 'tables' | 'parquetOfFile'>> {
  if (!tables.includes('parquet')) return { tables }
  const { parquetOfFile } = await import('../report/parquet-tables.ts')
  return { tables, parquetOfFile }
}

/** Has the outputs know what an earlier run left of them. */
function resumable({ checkpoints }: RunHooks): Pick<OutputOptions, 'resumable'> {
  return checkpoints === undefined
    ? {}
    : { resumable: new Map(Object.entries(checkpoints.from?.tables ?? {})) }
}

function checkpointsOf(
  { sim, scenario }: RunParts,
  outputs: RunOutputs | undefined,
  { checkpoints, directory, version }: RunHooks,
): Checkpoints | undefined {
  if (checkpoints === undefined || directory === undefined || outputs === undefined) return undefined
  return new Checkpoints(checkpoints, { sim, outputs, scenario, directory, version })
}

/** A run that was stopped to be looked at. */
export interface ReplayedRun {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly scheduler: Scheduler
}

/** The same with all that can be looked at in it. */
export interface ReplayedParts extends ReplayedRun {
  readonly machines: Machines
  readonly failures: FailureLog
  readonly kubelets: Kubelets
  readonly tasks: Tasks
  readonly recorder: Recorder
  /** The index of controllers' pods; undefined where there are no controllers. */
  readonly owned: OwnedPods | undefined
  /** What namespaces ask of pods. */
  readonly policies: NamespacePolicies
}

/** How a run is replayed, and who looks at it meanwhile. */
export interface ReplayHooks extends Pick<RunHooks, 'usesIndex'> {
  /** Events between two calls of `onSlice`, and two looks at the signal. */
  readonly sliceEvents?: number
  readonly onSlice?: () => void
}

/**
 * Runs a scenario to its end, writes nothing, and gives back the cluster as it stands then. `prepare` sees it before the
 * first event.
 */
export async function replayRun(
  scenario: Scenario,
  prepare: (run: ReplayedParts) => void,
  signal: AbortSignal,
  { usesIndex, sliceEvents = SLICE, onSlice }: ReplayHooks = {},
): Promise<ReplayedParts> {
  const parts = await buildRun(scenario, undefined, usesIndex === undefined ? {} : { usesIndex })
  prepare(parts)
  const places = { next: Number.POSITIVE_INFINITY, slice: sliceEvents, reached: () => onSlice?.() }
  await play(parts, { signal, places })
  return parts
}
