import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import type { ReplayCheck } from '../benchmark/replay-check.ts'
import type { Replay, ReplayFigures, ReplaySetting } from '../benchmark/replay.ts'
import { packageVersion } from '../run/package.ts'
import { countNumber, shapesNumber, wholeNumber } from './flag-number.ts'
import { interrupted, interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import { refuseTakenDirectory } from './taken-directory.ts'
import { refuseTakenFile } from './taken-file.ts'

interface ReplayFlags {
  readonly nodes: string
  readonly pods: string
  readonly shapes: string
  readonly seed: string
  readonly trace?: string
  readonly write?: string
  readonly schedulerConfig?: string
  readonly set?: readonly string[]
  readonly out?: string
  readonly force?: boolean
  readonly flame?: string
  readonly phases: boolean
  readonly check: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const SEED_MAX = 2 ** 32 - 1

const EXAMPLES = `
The work: nodes of 64 cpu, 256 GiB and 110 pods; pods of 0.1 to 8 cpu and 0.25 to 32 GiB, log-uniform; Poisson arrivals;
lognormal durations, 600 s on average; 70 % of the cpu asked for in the steady state. See docs/benchmarks.md.

Examples:
  stowage bench replay --nodes 5000 --pods 1000000
  stowage bench replay --nodes 1000 --pods 100000 --shapes 100 --json --flame replay.svg
  stowage bench replay --nodes 5000 --pods 1000000 --seed 7 --write work.csv
  stowage bench replay --nodes 5000 --trace work.csv --json
  stowage bench replay --nodes 5000 --pods 20000 --set spec.scheduler.config.percentageOfNodesToScore=100`

/** Registers `stowage bench replay`. */
export function registerBenchReplay(bench: Command, io: CommandIo, exit: (status: number) => void): void {
  bench
    .command('replay')
    .description('replay generated work with everything that a run has, and say what it cost')
    .option('--nodes <count>', 'nodes of the cluster', '5000')
    .option('--pods <count>', 'pods that arrive', '1000000')
    .option('--shapes <count>', 'different sizes of pods, or all: nearly every pod another one', 'all')
    .option('--seed <seed>', 'seed of the work and of the run, from 0 to 4294967295', '1')
    .option('--trace <file>', "replay this trace in stowage's own CSV instead, gzip'd or not")
    .option(
      '--write <file>',
      'write the work as CSV (arrival_s,duration_s,cpu_milli,mem_mib), - for stdout, and run nothing',
    )
    .option('--scheduler-config <file>', 'KubeSchedulerConfiguration v1')
    .option('--set <path=value>', 'override a field of the scenario; may be given again', collect)
    .option('--out <dir>', 'keep the reports there; without it they are written and taken away')
    .option('--force', 'replace what is in that directory, or the file of --write or --flame')
    .option('--flame <file>', 'draw where the time went, call by call (SVG)')
    .option('--no-phases', 'do not measure the components: saves the 2 to 4 % that it costs')
    .option('--no-check', 'do not compare a sample with the definition afterwards')
    .option('--json', 'print the figures as JSON')
    .option(...QUIET)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ReplayFlags) => {
      exit(await benchReplay(flags, io))
    })
}

async function benchReplay(flags: ReplayFlags, io: CommandIo): Promise<number> {
  const setting = settingOf(flags)
  for (const file of [flags.write, flags.flame]) {
    if (file !== undefined) refuseTakenFile(file, flags.force === true)
  }
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  if (flags.write !== undefined) return writeWork(flags.write, setting, io)
  const { runReplay } = await import('../benchmark/replay.ts')
  const { checkReplay } = await import('../benchmark/replay-check.ts')
  const { processMeters } = await import('./process-meters.ts')
  const { progressView } = await import('./progress-view.ts')
  const progress = await progressView(io, flags.quiet !== true && flags.json !== true)
  return interruptible(async (signal) => {
    try {
      const replay = await runReplay(setting, {
        meters: processMeters,
        directory: flags.out,
        measuresCost: flags.phases,
        version: packageVersion(),
        signal,
        onProgress: (state) => progress.update(state),
      })
      progress.stop()
      await drawFlame(replay, flags)
      if (signal.aborted) return interrupted(io)
      const check = flags.check ? await checkReplay(setting, signal) : undefined
      await report(replay, check, flags, io)
      return failures(replay, check, io) > 0 ? EXIT.conditionFailed : EXIT.done
    } finally {
      progress.stop()
    }
  })
}

function settingOf(flags: ReplayFlags): ReplaySetting {
  const seed = wholeNumber('--seed', flags.seed)
  if (seed > SEED_MAX) {
    throw new InputError({ field: '--seed', message: `is ${seed}`, hint: `expected at most ${SEED_MAX}` })
  }
  if (flags.trace !== undefined && flags.write !== undefined) {
    throw new InputError({ field: '--write', message: 'writes generated work', hint: 'leave --trace out' })
  }
  if (flags.flame !== undefined && !flags.phases) {
    throw new InputError({ field: '--flame', message: 'needs the phases', hint: 'leave --no-phases out' })
  }
  return {
    nodes: countNumber('--nodes', flags.nodes, 1e6),
    pods: countNumber('--pods', flags.pods),
    shapes: shapesNumber(flags.shapes),
    seed,
    trace: flags.trace,
    schedulerConfig: flags.schedulerConfig,
    overrides: flags.set ?? [],
  }
}

/** Writes the work to a file, or to stdout for `-`. */
async function writeWork(file: string, setting: ReplaySetting, io: CommandIo): Promise<number> {
  const { workText, writeWorkFile } = await import('../benchmark/work-file.ts')
  if (file !== '-') writeWorkFile(file, setting)
  else for (const text of workText(setting)) io.stdout.write(text)
  return EXIT.done
}

async function drawFlame({ cost, figures }: Replay, { flame }: ReplayFlags): Promise<void> {
  if (flame === undefined || cost === undefined) return
  const { flameGraph } = await import('../benchmark/flame-graph.ts')
  const { writeOutput } = await import('../report/output-file.ts')
  const title = `replay of ${figures.podsSubmitted.toLocaleString('en')} pods on ${figures.nodes.toLocaleString('en')} nodes: ${cost.mainSeconds.toFixed(2)} CPU seconds of the main thread`
  writeOutput(flame, flameGraph(cost.calls, title, cost.mainSeconds))
}

/** Says on stderr what of the work was not done, or not as the definition does it; how many such things. */
function failures({ figures }: Replay, check: ReplayCheck | undefined, io: CommandIo): number {
  const { trace, podsSubmitted, podsBound, podsFinished, decisions, events } = figures
  // A lost pod is made again: more may arrive than the work has, and as many finish.
  const pods = trace === null ? figures.pods : podsSubmitted
  const problems = [
    podsSubmitted < pods ? `${podsSubmitted} of ${pods} pods arrived` : undefined,
    podsBound < pods ? `${podsBound} of ${pods} pods were bound` : undefined,
    podsFinished < pods ? `${podsFinished} of ${pods} pods finished` : undefined,
    decisions < podsBound ? `${decisions} decisions for ${podsBound} bound pods` : undefined,
    events < pods ? `${events} events for ${pods} pods` : undefined,
    check?.equal === false ? 'the sample differs from what the definition decides' : undefined,
  ].filter((problem) => problem !== undefined)
  for (const problem of problems) io.stderr.write(`failed: ${problem}\n`)
  return problems.length
}

async function report(
  { figures, cost, result }: Replay,
  check: ReplayCheck | undefined,
  flags: ReplayFlags,
  io: CommandIo,
): Promise<void> {
  for (const warning of result.warnings) io.stderr.write(`warning: ${warning}\n`)
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify({ ...figures, check: check ?? null }, undefined, 2)}\n`)
    return
  }
  if (flags.quiet === true) return
  const { textTable } = await import('./text-table.ts')
  io.stdout.write(`${textTable(['', ''], figureRows(figures, check)).slice(1).join('\n')}\n`)
  if (cost === undefined) return
  const { costRows } = await import('../benchmark/cost-report.ts')
  const table = textTable(['COMPONENT', 'PART', 'CPU S', 'SHARE'], costRows(cost))
  io.stdout.write(`\n${table.join('\n')}\n`)
}

function figureRows(figures: ReplayFigures, check: ReplayCheck | undefined): (readonly string[])[] {
  const whole = (value: number): string => Math.round(value).toLocaleString('en')
  const sample = (tried: ReplayCheck): string =>
    `${tried.equal ? 'as the definition' : 'NOT as the definition'} (${whole(tried.pods)} pods, ${tried.nodes} nodes)`
  return [
    ['CPU seconds', figures.cpuSeconds.toFixed(2)],
    ['wall seconds', figures.wallSeconds.toFixed(2)],
    ['peak memory', `${whole(figures.peakRssBytes / 2 ** 20)} MiB`],
    ['pods arrived', whole(figures.podsSubmitted)],
    ['pods bound', whole(figures.podsBound)],
    ['pods finished', whole(figures.podsFinished)],
    ['decisions', whole(figures.decisions)],
    ['events', whole(figures.events)],
    ['pods a CPU second', whole(figures.podsPerCpuSecond)],
    ['decisions a CPU second', whole(figures.decisionsPerCpuSecond)],
    ['sample', check === undefined ? 'not compared' : sample(check)],
  ]
}
