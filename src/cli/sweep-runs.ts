import type { ScenarioInput } from '../scenario/load.ts'
import { OutputError } from '../report/output-error.ts'
import { packageVersion } from '../run/package.ts'
import { metricSamples } from '../sweep/metric-samples.ts'
import type { MetricSample } from '../sweep/metric-samples.ts'
import { scenarioOfUnit } from '../sweep/run-unit.ts'
import type { RunUnit, UnitResult } from '../sweep/run-unit.ts'
import { runUnits } from '../sweep/run-units.ts'
import type { FailedRun } from '../sweep/sweep-tables.ts'
import { commandWords } from './command-words.ts'
import { interruptible } from './interruptible.ts'
import type { CommandIo } from './io.ts'
import { runsView } from './progress.ts'

/** A scenario of a sweep, and where its runs go. */
export interface SweptScenario {
  readonly name: string
  readonly input: ScenarioInput
  /** Directory of the files of the run with a seed; undefined where none are asked for. */
  readonly directoryOf: (seed: number) => string | undefined
}

/** What the runs of a scenario came to. */
export interface SweepOutcome {
  /** By the seeds of whole runs. */
  readonly samples: readonly MetricSample[]
  readonly seeds: readonly number[]
  readonly warnings: readonly string[]
  /** Of the event logs of these runs, by seed: equal ones were the same run. */
  readonly digests: readonly string[]
}

/** The outcome of each scenario, in their order. A seed that failed or was ended early in one of them is left out in all. */
export interface SweepOutcomes {
  readonly outcomes: readonly SweepOutcome[]
  /** By seed, then by scenario. */
  readonly failures: readonly FailedRun[]
  /** Whether runs were ended early. */
  readonly interrupted: boolean
}

/**
 * Runs every scenario with every seed, on threads where this program can start them, and shows how far they are. What fails with the first
 * seed, or has no room on the disk, ends all, for it would with the others, and is thrown; what else fails is told, and the others go on.
 */
export async function sweep(
  scenarios: readonly SweptScenario[],
  setting: { readonly seeds: readonly number[]; readonly workers: number; readonly quiet: boolean },
  io: CommandIo,
): Promise<SweepOutcomes> {
  const { seeds } = setting
  // Seed by seed, so that what an interruption leaves is of all scenarios.
  const units = seeds.flatMap((seed) =>
    scenarios.map(({ input, directoryOf }) => unitOf(input, seed, directoryOf(seed))),
  )
  // What is wrong with a scenario is told before any run, once.
  for (const unit of units.slice(0, scenarios.length)) scenarioOfUnit(unit)
  return interruptible(async (signal) => {
    const view = setting.quiet ? undefined : runsView(io)
    const total = units.length
    const nameOf = (unit: RunUnit): string => scenarios[units.indexOf(unit) % scenarios.length]?.name ?? ''
    const failed = new Map<RunUnit, FailedRun>()
    const results = await runUnits(units, {
      workers: setting.workers,
      program: io.program?.at(-1),
      signal,
      onDone: (unit, done) => view?.update({ done, total, text: `${nameOf(unit)}, seed ${unit.seed}` }),
      onFailed: (unit, done, error) => {
        if (unit.seed === seeds[0] || error instanceof OutputError) {
          view?.stop()
          io.stderr.write(`the run of ${nameOf(unit)} with seed ${unit.seed} failed:\n`)
          throw error
        }
        const { name, message } = error
        failed.set(unit, { scenario: nameOf(unit), seed: unit.seed, error: name, message })
        view?.update({ done, total, text: `${nameOf(unit)}, seed ${unit.seed} failed` })
      },
    }).finally(() => view?.stop())
    const outcomes = scenarios.map((_, index) => results.filter((__, at) => at % scenarios.length === index))
    // Seeds that some scenario has no whole run of would compare different chance.
    const whole = seeds.filter((_, at) => outcomes.every((runs) => runs[at]?.interrupted === false))
    const failures = units.flatMap((unit) => failed.get(unit) ?? [])
    const ended = new Set([...whole, ...failures.map(({ seed }) => seed)])
    return {
      outcomes: outcomes.map((runs) => outcomeOf(runs, seeds, whole)),
      failures,
      interrupted: ended.size < seeds.length,
    }
  })
}

function unitOf(input: ScenarioInput, seed: number, directory: string | undefined): RunUnit {
  return {
    file: input.file,
    raw: input.raw,
    overrides: input.overrides,
    flags: [...(input.flags ?? [])],
    seed,
    directory,
    command: commandWords(process.argv.slice(2)),
    version: packageVersion(),
  }
}

function outcomeOf(
  runs: readonly (UnitResult | undefined)[],
  seeds: readonly number[],
  whole: readonly number[],
): SweepOutcome {
  const taken = runs.filter(
    (run, at): run is UnitResult => run !== undefined && whole.includes(seeds[at] ?? -1),
  )
  return {
    samples: metricSamples(taken),
    seeds: whole,
    warnings: warningsOf(taken, whole),
    digests: taken.map(({ eventDigest }) => eventDigest),
  }
}

/** Warnings of runs: those of every run once, others with the first seed that has them. */
function warningsOf(runs: readonly UnitResult[], seeds: readonly number[]): readonly string[] {
  const texts = [...new Set(runs.flatMap(({ warnings }) => warnings))]
  return texts.map((text) => {
    const holders = seeds.filter((_, index) => runs[index]?.warnings.includes(text))
    return holders.length === runs.length ? text : `seed ${holders[0] ?? ''}: ${text}`
  })
}
