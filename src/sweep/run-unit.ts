import { loadScenario } from '../scenario/load.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { runScenario } from '../run/run.ts'

/**
 * One run of a sweep as plain data: it can be sent to a thread, or written into a file and run elsewhere.
 */
export interface RunUnit {
  /** Path of a scenario file; undefined where the scenario is given itself. */
  readonly file: string | undefined
  /** The scenario as a plain value, where there is no file. */
  readonly raw: Readonly<Record<string, unknown>> | undefined
  /** `path=value`, applied in order, before the seed. */
  readonly overrides: readonly string[]
  /** Flags that overrides stand for, by the field, for errors. */
  readonly flags: readonly (readonly [field: string, flag: string])[]
  readonly seed: number
  /** Directory for the run's files; undefined writes none. */
  readonly directory: string | undefined
  /** The command line and the version, for the manifest. */
  readonly command: readonly string[]
  readonly version: string
}

/** A number of the summary of a run, as plain data. */
export interface UnitMetric {
  readonly name: string
  readonly unit: string
  readonly label: string
  /** Undefined when there was nothing to measure. */
  readonly value: number | undefined
}

/** What a run of a sweep came to, as plain data. */
export interface UnitResult {
  readonly metrics: readonly UnitMetric[]
  readonly warnings: readonly string[]
  readonly interrupted: boolean
  readonly eventDigest: string
}

/** The scenario of a run; throws `InputError` for what is wrong with it. */
export function scenarioOfUnit({ file, raw, overrides, flags, seed }: RunUnit): Scenario {
  return loadScenario({
    ...(file === undefined ? {} : { file }),
    ...(raw === undefined ? {} : { raw }),
    overrides: [...overrides, `spec.seed=${seed}`],
    flags: new Map(flags),
  })
}

/** Runs it to its end, or until the signal stops it. Throws as `runScenario` does. */
export async function runUnit(unit: RunUnit, signal: AbortSignal): Promise<UnitResult> {
  const { directory, command, version } = unit
  const result = await runScenario(scenarioOfUnit(unit), { directory, command, version, signal })
  return {
    metrics: result.summary.metrics.map(({ name, unit: measure, label, statistic, value }) => ({
      name,
      unit: measure,
      label: statistic === '' ? label : `${label}, ${statistic}`,
      value,
    })),
    warnings: result.warnings,
    interrupted: result.interrupted,
    eventDigest: result.eventDigest,
  }
}
