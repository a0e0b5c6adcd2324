import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { writeTable } from '../report/write-table.ts'
import { checkScenario } from '../run/check.ts'
import { fileDigest, inputDigests } from '../run/input-digests.ts'
import { packageVersion } from '../run/package.ts'
import { loadScenario } from '../scenario/load.ts'
import type { Scenario, TableFormat } from '../scenario/scenario.ts'
import type { Journal } from '../sweep/journal.ts'
import { MAIN_METRICS } from '../sweep/main-metrics.ts'
import { pointFront } from '../sweep/point-front.ts'
import { failedCsv, paretoCsv, pointRunsCsv, pointsCsv } from '../sweep/point-tables.ts'
import { missingUnits, pointOutcomes, runMissing } from '../sweep/run-sweep.ts'
import type { PointOutcome } from '../sweep/run-sweep.ts'
import { PointFiles } from '../sweep/point-files.ts'
import { scenarioOfUnit } from '../sweep/run-unit.ts'
import { sweepDigest, sweepPoints } from '../sweep/sweep-definition.ts'
import type { SweepDefinition, SweepPoint } from '../sweep/sweep-definition.ts'
import { openSweep, readRecord } from '../sweep/sweep-directory.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { runsView } from './progress.ts'
import { failuresText, sweepJson, sweepText } from './sweep-points-text.ts'
import type { SweepView } from './sweep-points-text.ts'
import { workersOf } from './sweep-flags.ts'
import { shownAs, sweepDefinitionOf, sweepDirectory } from './sweep-plan.ts'
import type { SweepCommandFlags } from './sweep-plan.ts'

/**
 * Runs a sweep, or what is missing of it; writes points.csv, runs.csv, failed.csv, pareto.csv and sweep.html and prints the points. Returns the
 * exit status: 1 when a run failed.
 */
export async function runSweepCommand(
  file: string | undefined,
  flags: SweepCommandFlags,
  io: CommandIo,
): Promise<number> {
  const definition = definitionOf(file, flags)
  const version = packageVersion()
  const files = new PointFiles(definition.base)
  const points = sweepPoints(definition, version, files)
  const sound = await firstSound(points)
  const directory = sweepDirectory(flags, definition.name)
  const digest = sweepDigest(definition, baseDigests(definition), version)
  const record = {
    format: 'stowage.dev/sweep/v1alpha1',
    version,
    digest,
    files: files.all,
    definition,
  } as const
  const { journal, changed } = openSweep(directory, record, flags.force === true)
  try {
    for (const file of changed) {
      io.stderr.write(`${file} has changed since: the runs of points that name it are made anew\n`)
    }
    const wasInterrupted = await runRest(points, journal, flags, io)
    return await report(definition, pointOutcomes(points, journal), {
      directory,
      flags,
      io,
      wasInterrupted,
      formats: sound.report.tables,
    })
  } finally {
    journal.close()
  }
}

function definitionOf(file: string | undefined, flags: SweepCommandFlags): SweepDefinition {
  const { resume } = flags
  if (resume === undefined || file !== undefined) return sweepDefinitionOf(file, flags)
  if (flags.force === true) {
    throw new InputError({
      field: '--force',
      message: 'begins anew, and --resume goes on',
      hint: 'give one of them',
    })
  }
  return shownAs(readRecord(resume).definition, flags)
}

/**
 * The scenario of the first point that a run would not refuse: what is wrong with all of them is told before any run, as the error of
 * the first. Points that are wrong by themselves fail when they run.
 */
async function firstSound(points: readonly SweepPoint[]): Promise<Scenario> {
  let firstError: unknown
  for (const { units } of points) {
    const [unit] = units
    if (unit === undefined) continue
    try {
      const scenario = scenarioOfUnit(unit)
      await checkScenario(scenario)
      return scenario
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      firstError ??= error
    }
  }
  throw firstError
}

/** Digests of the scenario of all points and of the files that it names. */
function baseDigests({ base }: SweepDefinition): Readonly<Record<string, string>> {
  const { file, raw, overrides } = base
  try {
    const named = { ...(file === undefined ? {} : { file }), ...(raw === undefined ? {} : { raw }) }
    return inputDigests(loadScenario({ ...named, overrides }))
  } catch (error) {
    // It may lack what every point gives it.
    if (error instanceof InputError) return file === undefined ? {} : { [file]: fileDigest(file) }
    throw error
  }
}

/** Makes the runs that are missing; whether it was interrupted. */
async function runRest(
  points: readonly SweepPoint[],
  journal: Journal,
  flags: SweepCommandFlags,
  io: CommandIo,
): Promise<boolean> {
  const quiet = flags.quiet === true || flags.json === true
  const retryFailed = flags.retryFailed === true
  const missing = missingUnits(points, journal, retryFailed).length
  const known = points.flatMap(({ units }) => units).filter(({ id }) => journal.outcomes.has(id)).length
  if (known > 0 && !quiet) {
    io.stderr.write(`going on: ${known} runs are in the journal, ${missing} are to be made\n`)
  }
  if (missing === 0) return false
  const view = quiet ? undefined : runsView(io)
  const numbers = new Map(points.flatMap(({ number, units }) => units.map(({ id }) => [id, number])))
  return interruptible(async (signal) => {
    await runMissing(points, journal, {
      workers: workersOf(flags),
      program: io.program?.at(-1),
      signal,
      retryFailed,
      onProgress: ({ id, seed }, { done, total, failed }) => {
        const failures = failed === 0 ? '' : `${failed} failed | `
        view?.update({ done, total, text: `${failures}point ${numbers.get(id) ?? ''}, seed ${seed}` })
      },
    }).finally(() => view?.stop())
    return signal.aborted
  })
}

/** Writes the tables and prints what people want to see of them; returns the exit status. */
async function report(
  definition: SweepDefinition,
  outcomes: readonly PointOutcome[],
  {
    directory,
    flags,
    io,
    wasInterrupted,
    formats,
  }: {
    readonly directory: string
    readonly flags: SweepCommandFlags
    readonly io: CommandIo
    readonly wasInterrupted: boolean
    readonly formats: readonly TableFormat[]
  },
): Promise<number> {
  const { parameters } = definition
  const front = pointFront(outcomes, definition.pareto)
  const known = new Set(outcomes.flatMap(({ samples }) => samples.map(({ name }) => name)))
  const metrics = definition.metrics ?? MAIN_METRICS.filter((name) => known.has(name))
  const tables = {
    'points.csv': pointsCsv(outcomes, parameters, metrics),
    'runs.csv': pointRunsCsv(outcomes),
    'failed.csv': failedCsv(outcomes, parameters),
    'pareto.csv': paretoCsv(front, parameters),
  }
  for (const [name, text] of Object.entries(tables)) await writeTable({ directory, name }, text, formats)
  const view: SweepView = { definition, outcomes, metrics, front }
  if (flags.html) {
    const { writeSweepPage } = await import('./sweep-page.ts')
    await writeSweepPage(path.join(directory, 'sweep.html'), view)
  }
  if (flags.json === true) io.stdout.write(`${JSON.stringify(sweepJson(view), undefined, 2)}\n`)
  else if (flags.quiet !== true) {
    io.stdout.write(sweepText(view))
    io.stdout.write(`\nreports: ${directory}${path.sep}  (see docs/sweep.md)\n`)
  }
  const failures = outcomes.flatMap((outcome) => outcome.failures)
  if (failures.length > 0) io.stderr.write(failuresText(outcomes, directory))
  if (wasInterrupted) {
    io.stderr.write(
      'interrupted: the tables hold the runs that had ended by then; the same command goes on\n',
    )
    return EXIT.interrupted
  }
  return failures.length > 0 ? EXIT.conditionFailed : EXIT.done
}
