import { rmSync } from 'node:fs'
import path from 'node:path'

import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import type { Soak } from '../benchmark/soak.ts'
import { packageVersion } from '../run/package.ts'
import { countNumber, shapesNumber, wholeNumber } from './flag-number.ts'
import { interrupted, interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import { addTableOptions, tableFormatsOf } from './table-flags.ts'
import type { TableFlags } from './table-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

interface SoakFlags extends TableFlags {
  readonly days: string
  readonly nodes: string
  readonly shapes: string
  readonly seed: string
  readonly growthMax: string
  readonly set?: readonly string[]
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const FILES = { samples: 'soak.csv', chart: 'soak.svg' } as const
/** Folder of the reports while the run lasts: they are large, and not what is asked for. */
const REPORTS = 'run'

/** Fewer days have quarters that say nothing. */
const DAYS_MIN = 8
const DAYS_MAX = 100_000

const EXAMPLES = `
Compares memory in the last quarter of the days with that in the second: resident, and live after a collection. Exit status 1
when one has grown by more than --growth-max percent, or when pods did not finish.

Examples:
  stowage bench soak
  stowage bench soak --days 180 --nodes 10 --growth-max 3 --out results/runs/soak-180
  stowage bench soak --set spec.behaviour.keepFinished=true      # keeps what it should not, and fails`

/** Registers `stowage bench soak`. */
export function registerBenchSoak(bench: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(bench.command('soak'))
    .description('simulate months of steady work, and fail when memory grows')
    .option('--days <count>', `simulated days, ${DAYS_MIN} or more`, '60')
    .option('--nodes <count>', 'nodes; each takes about 3,600 pods a day', '20')
    .option('--shapes <count>', 'different sizes of pods, or all: nearly every pod another one', 'all')
    .option('--seed <seed>', 'seed of the work', '1')
    .option('--growth-max <percent>', 'growth of memory that is allowed', '5')
    .option('--set <path=value>', 'override a field of the scenario; may be given again', collect)
    .option('--out <dir>', 'directory for soak.csv and soak.svg, memory over time', 'results/runs/soak')
    .option('--force', 'replace what is in that directory')
    .option('--json', 'print what it came to as JSON')
    .option(...QUIET)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SoakFlags) => {
      exit(await benchSoak(flags, io))
    })
}

async function benchSoak(flags: SoakFlags, io: CommandIo): Promise<number> {
  const growthMax = percentOf(flags.growthMax)
  const setting = {
    days: countNumber('--days', flags.days, DAYS_MAX, DAYS_MIN),
    nodes: countNumber('--nodes', flags.nodes, 1e6),
    shapes: shapesNumber(flags.shapes),
    seed: wholeNumber('--seed', flags.seed),
    overrides: flags.set ?? [],
  }
  refuseTakenDirectory(flags.out, flags.force === true)
  const { runSoak, soakChart, soakCsv } = await import('../benchmark/soak.ts')
  const { processMeters } = await import('./process-meters.ts')
  const { progressView } = await import('./progress-view.ts')
  const { writeOutput } = await import('../report/output-file.ts')
  const { writeTable } = await import('../report/write-table.ts')
  const formats = tableFormatsOf(flags) ?? ['csv']
  const progress = await progressView(io, flags.quiet !== true && flags.json !== true)
  const reports = path.join(flags.out, REPORTS)
  return interruptible(async (signal) => {
    try {
      const soak = await runSoak(setting, {
        meters: processMeters,
        directory: reports,
        version: packageVersion(),
        signal,
        onProgress: (state) => progress.update(state),
      })
      progress.stop()
      await writeTable({ directory: flags.out, name: FILES.samples }, soakCsv(soak.samples), formats)
      writeOutput(path.join(flags.out, FILES.chart), soakChart(soak.samples, setting.nodes))
      if (signal.aborted) return interrupted(io)
      await report(soak, flags, io)
      return problemsOf(soak, growthMax, io) > 0 ? EXIT.conditionFailed : EXIT.done
    } finally {
      progress.stop()
      rmSync(reports, { recursive: true, force: true })
    }
  })
}

function percentOf(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value <= 1000) return value
  throw new InputError({ field: '--growth-max', message: `is "${text}"`, hint: 'expected a percentage' })
}

/** Says on stderr what is wrong; how many such things. */
function problemsOf(soak: Soak, growthMax: number, io: CommandIo): number {
  const { rssGrowth, liveGrowth, podsFinished, podsSubmitted } = soak
  const grown = (what: string, growth: number): string | undefined =>
    growth * 100 > growthMax
      ? `${what} memory grew by ${(growth * 100).toFixed(1)} %, more than ${growthMax} %`
      : undefined
  const problems = [
    grown('resident', rssGrowth),
    grown('live', liveGrowth),
    podsFinished < podsSubmitted ? `${podsFinished} of ${podsSubmitted} pods finished` : undefined,
  ].filter((problem) => problem !== undefined)
  for (const problem of problems) io.stderr.write(`failed: ${problem}\n`)
  return problems.length
}

async function report(soak: Soak, flags: SoakFlags, io: CommandIo): Promise<void> {
  const { podsSubmitted, podsFinished, rssGrowth, liveGrowth, liveBytesPerPod, samples } = soak
  if (flags.json === true) {
    const figures = { days: Number(flags.days), nodes: Number(flags.nodes), podsSubmitted, podsFinished }
    const growth = { rssGrowth, liveGrowth, liveBytesPerPod, samples }
    io.stdout.write(`${JSON.stringify({ ...figures, ...growth }, undefined, 2)}\n`)
    return
  }
  if (flags.quiet === true) return
  const { textTable } = await import('./text-table.ts')
  const last = samples.at(-1)
  const mib = (bytes: number | undefined): string => `${((bytes ?? 0) / 2 ** 20).toFixed(0)} MiB`
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const rows = [
    ['pods arrived', podsSubmitted.toLocaleString('en')],
    ['pods finished', podsFinished.toLocaleString('en')],
    ['resident memory at the end', mib(last?.rssBytes)],
    ['live memory at the end', mib(last?.liveBytes)],
    ['resident memory grew by', percent(rssGrowth)],
    ['live memory grew by', percent(liveGrowth)],
    ['live bytes that a pod left', liveBytesPerPod.toFixed(2)],
  ]
  io.stdout.write(
    `${textTable(['', ''], rows).slice(1).join('\n')}\n\nplot: ${path.join(flags.out, FILES.chart)}\n`,
  )
}
