import { readdirSync, rmdirSync, statSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { writing } from '../report/output-error.ts'
import { writeTable } from '../report/write-table.ts'
import { checkScenario } from '../run/check.ts'
import { packageVersion } from '../run/package.ts'
import { loadScenario } from '../scenario/load.ts'
import { compareScenarioSamples } from '../sweep/comparison.ts'
import type { ComparedScenario, MetricComparison } from '../sweep/comparison.ts'
import { MAIN_METRICS, checkMetric, mainFirst } from '../sweep/main-metrics.ts'
import { compareCsv, runsCsv } from '../sweep/sweep-tables.ts'
import type { FailedRun } from '../sweep/sweep-tables.ts'
import { compareText } from './compare-text.ts'
import { comparedOf } from './compare-variants.ts'
import type { Compared, VariantFlags } from './compare-variants.ts'
import { failedRunsText, writeFailedRuns } from './failed-runs.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { seedsOf, workersOf } from './sweep-flags.ts'
import type { SweepFlags } from './sweep-flags.ts'
import { sweep } from './sweep-runs.ts'
import type { SweepOutcome } from './sweep-runs.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

/** Flags of `stowage compare`, as commander hands them over. */
export interface CompareFlags extends VariantFlags, SweepFlags {
  readonly seeds: string
  readonly metric?: readonly string[]
  readonly all?: boolean
  readonly out?: string
  /** False: no files of single runs. */
  readonly runs: boolean
  /** False: no page. */
  readonly html: boolean
  readonly force?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/** The page of a comparison, in its directory. */
const COMPARISON_PAGE = 'compare.html'

/**
 * Runs scenarios, or variants of one, with the same seeds, prints them side by side and writes compare.csv, runs.csv and compare.html; with
 * `--out` also the files of each run, in `NAME/seed-K` there. Returns the exit status.
 */
export async function compareScenarios(
  files: readonly string[],
  flags: CompareFlags,
  io: CommandIo,
): Promise<number> {
  if (flags.seed !== undefined) {
    throw new InputError({ field: '--seed', message: 'is not for several runs', hint: 'give --seeds' })
  }
  const seeds = seedsOf(flags.seeds)
  for (const name of flags.metric ?? []) checkMetric(name, '--metric')
  const compared = comparedOf(files, flags)
  // What a run would refuse is told before any, as far as it can be known.
  const loaded = compared.entries.map(({ input }) => loadScenario(input))
  for (const scenario of loaded) await checkScenario(scenario)
  const names = compared.entries.map(({ name }) => name)
  const directory = flags.out ?? path.join('results', 'runs', folderOf(compared.name))
  refuseTakenDirectory(directory, flags.force === true)
  writing(directory, () => makeDirectory(directory))
  const swept = sweptOf(compared, flags.out !== undefined && flags.runs ? directory : undefined)
  const quiet = flags.quiet === true || flags.json === true
  const setting = { seeds, workers: workersOf(flags), quiet }
  const { outcomes, failures, interrupted } = await sweep(swept, setting, io).catch((error: unknown) => {
    removeEmpty(directory)
    throw error
  })
  const scenarios = outcomes.map(({ samples }, index) => ({ name: names[index] ?? '', samples }))
  const metrics = compareScenarioSamples(scenarios)
  const whole = outcomes[0]?.seeds ?? []
  const tables = loaded[0]?.report.tables ?? ['csv']
  await writeTable({ directory, name: 'compare.csv' }, compareCsv(names, metrics), tables)
  await writeTable({ directory, name: 'runs.csv' }, runsCsv(scenarios, whole), tables)
  await writeFailedRuns(directory, failures, tables)
  if (flags.html) {
    const directories = swept.map(({ directoryOf }) => whole.flatMap((seed) => directoryOf(seed) ?? []))
    await writeComparison(path.join(directory, COMPARISON_PAGE), scenarios, { seeds: whole, directories })
  }
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(jsonOf(names, metrics, whole, failures), undefined, 2)}\n`)
  } else if (flags.quiet !== true) {
    const shown = metrics.filter(({ name }) => isShown(name, flags))
    const isSameEverySeed = outcomes.every(isOneRun)
    const alike = alikeGroups(names, outcomes)
    io.stdout.write(compareText({ names, metrics: shown, runs: whole.length, isSameEverySeed, alike }))
    io.stdout.write(`\nreports: ${directory}${path.sep}  (see docs/compare.md)\n`)
  }
  tellWarnings(outcomes, names, io)
  io.stderr.write(failedRunsText(failures))
  if (!interrupted) return failures.length > 0 ? EXIT.conditionFailed : EXIT.done
  io.stderr.write('interrupted: the means are of the seeds that all scenarios had run by then\n')
  return EXIT.interrupted
}

/** Writes the page of a comparison, with the runs that left files. */
async function writeComparison(
  file: string,
  scenarios: readonly ComparedScenario[],
  { seeds, directories }: { readonly seeds: readonly number[]; readonly directories: readonly string[][] },
): Promise<void> {
  const { comparisonReport } = await import('../report/page/build/comparison-report.ts')
  const { writePage } = await import('../report/page/write-page.ts')
  const page = await comparisonReport({
    title: `stowage: ${scenarios.map(({ name }) => name).join(', ')}`,
    version: packageVersion(),
    scenarios: scenarios.map(({ name, samples }, index) => ({
      name,
      samples: mainFirst(samples),
      directories: directories[index] ?? [],
    })),
    seeds,
  })
  writePage(file, page)
}

/** The scenarios with a folder of their own for each where runs are kept, as the names of files allow. */
function sweptOf({ entries }: Compared, directory: string | undefined): Parameters<typeof sweep>[0] {
  const folders = entries.map(({ name }) => folderOf(name))
  return entries.map(({ name, input }, index) => {
    // Two names may come to one folder.
    const folder =
      folders.indexOf(folders[index] ?? '') === index ? folders[index] : `${index}-${folders[index]}`
    const own = directory === undefined ? undefined : path.join(directory, folder ?? '')
    if (own !== undefined) writing(own, () => makeDirectory(own))
    return {
      name,
      input,
      directoryOf: (seed: number) => (own === undefined ? undefined : path.join(own, `seed-${seed}`)),
    }
  })
}

/** Takes directories away in which there is nothing, so that the next try finds none. */
function removeEmpty(directory: string): void {
  for (const name of readdirSync(directory)) {
    const inner = path.join(directory, name)
    if (statSync(inner).isDirectory()) removeEmpty(inner)
  }
  if (readdirSync(directory).length === 0) rmdirSync(directory)
}

/** Whether every seed came to the same: the same events, and the same value of every metric. */
function isOneRun({ digests, samples }: SweepOutcome): boolean {
  return new Set(digests).size === 1 && samples.every(({ values }) => new Set(values).size === 1)
}

/** Names of scenarios that came to the same with every seed, two or more each. */
function alikeGroups(names: readonly string[], outcomes: readonly SweepOutcome[]): readonly string[][] {
  const groups = new Map<string, string[]>()
  for (const [index, { seeds, digests, samples }] of outcomes.entries()) {
    const key = JSON.stringify([digests, samples.map(({ name, values }) => [name, values])])
    if (seeds.length > 0) groups.set(key, [...(groups.get(key) ?? []), names[index] ?? ''])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

function folderOf(name: string): string {
  return name.replaceAll(/[^\w.+-]+/g, '-')
}

/** What is printed: the metrics asked for, all, or the main ones. */
function isShown(name: string, { all, metric }: CompareFlags): boolean {
  return all === true || (metric ?? MAIN_METRICS).includes(name)
}

/** A warning of all scenarios is told once. */
function tellWarnings(outcomes: readonly SweepOutcome[], names: readonly string[], io: CommandIo): void {
  const texts = [...new Set(outcomes.flatMap(({ warnings }) => warnings))]
  for (const text of texts) {
    const holders = names.filter((_, index) => outcomes[index]?.warnings.includes(text))
    const who = holders.length === names.length ? '' : `${holders.join(', ')}: `
    io.stderr.write(`warning: ${who}${text}\n`)
  }
}

function jsonOf(
  names: readonly string[],
  metrics: readonly MetricComparison[],
  seeds: readonly number[],
  failures: readonly FailedRun[],
): unknown {
  return {
    seeds,
    failures,
    scenarios: names.map((name, index) => ({
      name,
      metrics: metrics.flatMap(({ name: metric, unit, label, cells }) => {
        const cell = cells[index]
        return cell === undefined ? [] : [{ name: metric, unit, label, ...cell }]
      }),
    })),
  }
}
