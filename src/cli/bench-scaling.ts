import path from 'node:path'

import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import type { ReplayFigures, ReplaySetting } from '../benchmark/replay.ts'
import type { ScalingFit, ScalingPoint, Sweep } from '../benchmark/scaling.ts'
import { countNumber, countNumbers, shapesNumber, wholeNumber } from './flag-number.ts'
import { interrupted, interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import { addTableOptions, tableFormatsOf } from './table-flags.ts'
import type { TableFlags } from './table-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

interface ScalingFlags extends TableFlags {
  readonly nodes: string
  readonly pods: string
  readonly atNodes: string
  readonly atPods: string
  readonly shapes: string
  readonly seed: string
  readonly schedulerConfig?: string
  readonly set?: readonly string[]
  readonly out: string
  readonly force?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Pods of the replays that only show what nodes need. */
const FEW_PODS = 100

const FILES = {
  points: 'scaling.csv',
  fits: 'scaling-fits.csv',
  nodes: 'scaling-nodes.svg',
  pods: 'scaling-pods.svg',
} as const

const EXAMPLES = `
Examples:
  stowage bench scaling
  stowage bench scaling --nodes 1000,10000,100000 --at-pods 50000 --pods 10000,100000,1000000 --at-nodes 5000
  stowage bench scaling --shapes 100 --set spec.scheduler.config.percentageOfNodesToScore=100 --out results/runs/scaling-all`

/** Registers `stowage bench scaling`. */
export function registerBenchScaling(bench: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(bench.command('scaling'))
    .description('replay work of growing size, each in a process of its own, and fit how the cost grows')
    .option('--nodes <counts>', 'sizes of the cluster, ascending', '100,300,1000,3000,10000')
    .option('--at-pods <count>', 'pods while the nodes grow', '50000')
    .option('--pods <counts>', 'numbers of pods, ascending', '10000,30000,100000,300000')
    .option('--at-nodes <count>', 'nodes while the pods grow', '1000')
    .option('--shapes <count>', 'different sizes of pods, or all: nearly every pod another one', 'all')
    .option('--seed <seed>', 'seed of the work', '1')
    .option('--scheduler-config <file>', 'KubeSchedulerConfiguration v1')
    .option('--set <path=value>', 'override a field of the scenario; may be given again', collect)
    .option(
      '--out <dir>',
      'directory for scaling.csv, scaling-fits.csv and the curves (SVG)',
      'results/runs/scaling',
    )
    .option('--force', 'replace what is in that directory')
    .option('--json', 'print the points and how they grow as JSON')
    .option(...QUIET)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ScalingFlags) => {
      exit(await benchScaling(flags, io))
    })
}

async function benchScaling(flags: ScalingFlags, io: CommandIo): Promise<number> {
  const planned = plan(flags)
  refuseTakenDirectory(flags.out, flags.force === true)
  const { replayApart } = await import('./replay-apart.ts')
  const { stepsView } = await import('./progress.ts')
  const view = flags.quiet === true ? undefined : stepsView(io)
  return interruptible(async (signal) => {
    const points: ScalingPoint[] = []
    const empties = new Map<number, ReplayFigures>()
    try {
      for (const [index, { sweep, setting }] of planned.entries()) {
        const text = `${setting.pods.toLocaleString('en')} pods on ${setting.nodes.toLocaleString('en')} nodes`
        view?.update({ done: index, total: planned.length, text })
        const figures = await replayApart(setting, io, signal)
        if (sweep === 'empty') empties.set(setting.nodes, figures)
        points.push({ sweep, figures, empty: empties.get(setting.nodes) ?? figures })
      }
    } catch (error) {
      if (signal.aborted) return interrupted(io)
      throw error
    } finally {
      view?.stop()
    }
    await write(points, flags)
    if (flags.json === true) io.stdout.write(await scalingJson(points))
    else if (flags.quiet !== true) await tell(points, flags.out, io)
    return EXIT.done
  })
}

/** The empty clusters first: every other replay is compared with the one of as many nodes. */
function plan(flags: ScalingFlags): readonly { readonly sweep: Sweep; readonly setting: ReplaySetting }[] {
  const nodes = countNumbers('--nodes', flags.nodes)
  const pods = moreThanFew('--pods', flags.pods)
  const fixed = {
    shapes: shapesNumber(flags.shapes),
    seed: wholeNumber('--seed', flags.seed),
    schedulerConfig: flags.schedulerConfig,
    overrides: flags.set ?? [],
  }
  const [atPods = 0] = moreThanFew('--at-pods', String(countNumber('--at-pods', flags.atPods)))
  const atNodes = countNumber('--at-nodes', flags.atNodes)
  return [
    ...[...new Set([...nodes, atNodes])].map((count) => ({
      sweep: 'empty' as const,
      setting: { ...fixed, nodes: count, pods: FEW_PODS },
    })),
    ...nodes.map((count) => ({ sweep: 'nodes' as const, setting: { ...fixed, nodes: count, pods: atPods } })),
    ...pods.map((count) => ({ sweep: 'pods' as const, setting: { ...fixed, nodes: atNodes, pods: count } })),
  ]
}

/** Counts of pods that can be told from those of an empty cluster. */
function moreThanFew(flag: string, text: string): readonly number[] {
  const counts = countNumbers(flag, text)
  if (counts.every((count) => count > FEW_PODS)) return counts
  throw new InputError({ field: flag, message: `is "${text}"`, hint: `expected more than ${FEW_PODS} each` })
}

async function write(points: readonly ScalingPoint[], flags: ScalingFlags): Promise<void> {
  const { out: directory } = flags
  const { fitsCsv, scalingChart, scalingCsv, scalingFits } = await import('../benchmark/scaling.ts')
  const { makeDirectory } = await import('../report/make-directory.ts')
  const { writing } = await import('../report/output-error.ts')
  const { writeOutput } = await import('../report/output-file.ts')
  const { writeTable } = await import('../report/write-table.ts')
  const formats = tableFormatsOf(flags) ?? ['csv']
  const fits = scalingFits(points)
  const tables = { [FILES.points]: scalingCsv(points), [FILES.fits]: fitsCsv(fits) }
  const charts = {
    [FILES.nodes]: scalingChart(points, fits, 'nodes'),
    [FILES.pods]: scalingChart(points, fits, 'pods'),
  }
  writing(directory, () => makeDirectory(path.resolve(directory)))
  for (const [name, text] of Object.entries(tables)) await writeTable({ directory, name }, text, formats)
  for (const [name, text] of Object.entries(charts)) writeOutput(path.join(directory, name), text)
}

/** The points with their measures, and the laws that were fitted to them. */
async function scalingJson(points: readonly ScalingPoint[]): Promise<string> {
  const { bytesPerNode, measuresOf, scalingFits } = await import('../benchmark/scaling.ts')
  const content = {
    points: points.map((point) => ({
      sweep: point.sweep,
      nodes: point.figures.nodes,
      pods: point.figures.pods,
      measures: Object.fromEntries(measuresOf(point)),
    })),
    fits: scalingFits(points),
    bytesPerNode: bytesPerNode(points) ?? null,
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

async function tell(points: readonly ScalingPoint[], directory: string, io: CommandIo): Promise<void> {
  const { bytesPerNode, measuresOf, scalingFits } = await import('../benchmark/scaling.ts')
  const { textTable } = await import('./text-table.ts')
  const rows = points.map((point) => {
    const measures = measuresOf(point)
    const { nodes, pods } = point.figures
    const text = (name: string): string => measures.get(name)?.toFixed(2) ?? '-'
    const cells = [text('cpu'), text('cpu_per_pod'), text('scheduling_per_decision')]
    return [point.sweep, nodes, pods, ...cells, Math.round(measures.get('peak_memory') ?? 0)]
  })
  const heads = ['SWEEP', 'NODES', 'PODS', 'CPU S', 'µS A POD', 'µS SCHEDULING A DECISION', 'PEAK MIB']
  const laws = scalingFits(points).map((fit): readonly string[] => [fit.sweep, fit.measure, lawText(fit)])
  const node = bytesPerNode(points)
  io.stdout.write(`${textTable(heads, rows).join('\n')}\n\n`)
  io.stdout.write(`${textTable(['SWEEP', 'MEASURE', 'GROWS AS'], laws).join('\n')}\n`)
  if (node !== undefined) io.stdout.write(`\nmemory of an empty node: ${Math.round(node)} bytes\n`)
  io.stdout.write(`\ncurves: ${directory}${path.sep}\n`)
}

function lawText({ sweep, exponent, rSquared }: ScalingFit): string {
  return `${sweep}^${exponent.toFixed(2)}  (R² ${rSquared.toFixed(2)})`
}
