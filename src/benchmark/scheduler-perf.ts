import { InputError } from '../base/errors.ts'
import { parseDuration } from '../base/time.ts'
import type { Manifest } from '../report/manifest.ts'
import type { TableFormat } from '../scenario/scenario.ts'
import { parseLabelSelection } from './label-selection.ts'
import type { Operation } from './operations.ts'
import { perfJson, perfTable, writePerfReport } from './perf-report.ts'
import { readPerformanceConfigs } from './performance-config.ts'
import type { PerfWorkload } from './performance-config.ts'
import { runWorkload } from './run-workload.ts'
import type { WorkloadResult } from './run-workload.ts'
import { meetsThreshold } from './threshold.ts'
import type { WorkloadProgress } from './workload-run.ts'

/** A workload that will be run, with its operations. */
export interface ChosenWorkload {
  readonly workload: PerfWorkload
  readonly operations: readonly Operation[]
}

/** How far a benchmark is. */
export interface PerfProgress {
  /** Workloads that are over, and all. */
  readonly done: number
  readonly total: number
  /** The workload under way: `topic/Case/Workload`. */
  readonly name: string
  /** Where it is; undefined at its beginning. */
  readonly detail: WorkloadProgress | undefined
}

/** Where the results go, and from what they were made. */
export interface PerfReportOptions {
  readonly directory: string
  /** Forms of the tables; CSV when left out. */
  readonly tables?: readonly TableFormat[]
  /** The command line, word by word. */
  readonly command: readonly string[]
  /** Version of stowage. */
  readonly version: string
  /** Digests of the configurations, by file or folder. */
  readonly digests: Readonly<Record<string, string>>
}

/** How a benchmark is run. */
export interface PerfOptions {
  /** Simulated time of one scheduling cycle, as `1ms`. */
  readonly cycleTime: string
  readonly kubernetesVersion: '1.36' | '1.37'
  readonly seed: string
  readonly uniqueSignatures: boolean
  /** Where the files go and what their manifest says; undefined writes none. */
  readonly report: PerfReportOptions | undefined
  readonly cpuSeconds: () => number
  readonly milliseconds: () => number
  readonly signal: AbortSignal
  readonly onProgress: (progress: PerfProgress) => void
}

/** What a benchmark came to. */
export interface PerfRun {
  readonly results: readonly WorkloadResult[]
  /** Workloads that ended with fewer pods than they expected. */
  readonly failed: number
  readonly thresholdsMissed: number
  readonly interrupted: boolean
  /** The results in scheduler_perf's JSON form, and as a table for people. */
  readonly json: string
  readonly table: string
  readonly warnings: readonly string[]
}

/**
 * Reads configurations and chooses workloads by their labels and their `Case/Workload` names.
 *
 * Throws `InputError` for whatever is wrong in those that were chosen, and when none was.
 */
export function chooseWorkloads(choice: {
  readonly places: readonly string[]
  readonly labels: string
  readonly name?: string
}): readonly ChosenWorkload[] {
  const isSelected = parseLabelSelection(choice.labels)
  const pattern = patternOf(choice.name ?? '')
  const chosen = readPerformanceConfigs(choice.places).filter(
    ({ testCase, name, labels }) => isSelected(labels) && pattern.test(`${testCase}/${name}`),
  )
  if (chosen.length === 0) {
    throw new InputError({ field: '--labels', message: 'no workload has these labels and this name' })
  }
  return chosen.map((workload) => ({ workload, operations: workload.operations() }))
}

/** Runs the workloads one after another and writes the report after each, so that an end by force loses one only. */
export async function runSchedulerPerf(
  chosen: readonly ChosenWorkload[],
  options: PerfOptions,
): Promise<PerfRun> {
  const cycleTime = parseDuration(options.cycleTime, '--cycle-time')
  if (cycleTime === 0) {
    throw new InputError({ field: '--cycle-time', message: 'is 0', hint: 'expected a time such as 1ms' })
  }
  const results: WorkloadResult[] = []
  for (const { workload, operations } of chosen) {
    const name = `${workload.topic}/${workload.testCase}/${workload.name}`
    const tell = (detail: WorkloadProgress | undefined): void =>
      options.onProgress({ done: results.length, total: chosen.length, name, detail })
    tell(undefined)
    const result = await runWorkload(
      workload,
      operations,
      {
        kubernetesVersion: options.kubernetesVersion,
        seed: options.seed,
        cycleTime,
        uniqueSignatures: options.uniqueSignatures,
      },
      {
        cpuSeconds: options.cpuSeconds,
        milliseconds: options.milliseconds,
        signal: options.signal,
        onProgress: tell,
      },
    )
    results.push(result)
    if (options.report !== undefined) {
      await writePerfReport(options.report, results, manifestOf(options, options.report, results))
    }
    if (options.signal.aborted) break
  }
  return {
    results,
    failed: results.filter(({ outcome }) => outcome === 'failed').length,
    thresholdsMissed: results.filter((result) => meetsThreshold(result) === false).length,
    interrupted: options.signal.aborted,
    json: perfJson(results),
    table: perfTable(results),
    warnings: warningsOf(results),
  }
}

function manifestOf(
  { seed, kubernetesVersion, signal }: PerfOptions,
  { command, version, digests }: PerfReportOptions,
  results: readonly WorkloadResult[],
): Manifest {
  const versions = { stowage: version, kubernetes: kubernetesVersion }
  return { command, seed, versions, digests, interrupted: signal.aborted, warnings: warningsOf(results) }
}

function warningsOf(results: readonly WorkloadResult[]): readonly string[] {
  return [...new Set(results.flatMap(({ warnings }) => warnings))]
}

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch {
    throw new InputError({ field: '--name', message: `"${source}" is no regular expression` })
  }
}
