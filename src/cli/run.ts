import path from 'node:path'

import { Command, Option } from 'commander'

import { SCHEDULING_POLICIES } from '../scenario/scheduling-policies.ts'
import { TRACE_FORMATS } from '../scenario/scenario.ts'
import type { RunResult } from '../run/run.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { hasCheckpoint } from '../run/checkpoint-file.ts'
import { checkpointsOf, resumingWords } from './checkpoint-flags.ts'
import type { CheckpointFlags } from './checkpoint-flags.ts'
import { commandWords } from './command-words.ts'
import { forgetCosts } from './cost-files.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { writeRunReport } from './run-report.ts'
import type { SweepFlags } from './sweep-flags.ts'
import { addTableOptions } from './table-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'
import { packageVersion } from '../run/package.ts'
import { PLAIN_STYLE } from './text-style.ts'

/** Flags of `stowage run`. */
export interface RunFlags extends ScenarioFlags, SweepFlags, CheckpointFlags {
  readonly out?: string
  readonly force?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
  readonly failOn?: string
  readonly logLevel: string
  readonly profileCost?: boolean
  /** Undefined where neither `--html` nor `--no-html` is given. */
  readonly html?: boolean
}

const EXAMPLES = `
Examples:
  stowage run scenario.yaml
  stowage run scenario.yaml --seed 7 --set spec.nodes[0].template.count=80 --out results/runs/80-nodes
  stowage run --trace pods.csv.gz --format openb --nodes nodes.csv.gz
  stowage run --trace batch_task.csv.gz --format alibaba2017 --nodes 2200x64:256Gi:1000 --quiet --json
  stowage run scenario.yaml --format parquet
  stowage run --trace pods.csv.gz --format openb --nodes nodes.csv.gz --tables csv,parquet
  stowage run scenario.yaml --profile-cost
  stowage run scenario.yaml --checkpoint 10m
  stowage run --resume results/runs/scenario
  stowage run scenario.yaml --seeds 10 --out results/runs/ten-seeds`

/** Registers `stowage run`. */
export function registerRun(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(
    addScenarioOptions(
      program
        .command('run')
        .description('run a scenario, or a trace on nodes, and write reports')
        .argument('[scenario]', 'scenario file (YAML); without it --trace and --nodes say what to run'),
    ),
  )
    .option('--out <dir>', 'directory for the reports (default: results/runs/NAME)')
    .option('--force', 'replace the reports of an earlier run in that directory')
    .option(...QUIET)
    .option('--json', 'print the summary as JSON')
    .option('--html', 'write report.html also for a run with many pods (default: up to 250,000)')
    .option('--no-html', 'write no report.html')
    .option(
      '--checkpoint <time>',
      'leave a checkpoint in the directory of the reports each time so much real time has passed',
    )
    .option(
      '--resume <dir>',
      'go on with the run that left a checkpoint there: plays it again up to that place, in about the same CPU time, and writes what follows',
    )
    .option('--profile-cost', 'say where real time went, by component and plugin (cost.csv, cost.svg)')
    .addOption(
      new Option('--fail-on <condition>', 'exit with 1 when it holds at the end').choices(['pending']),
    )
    .addOption(
      new Option('--log-level <level>', 'what to say on stderr: warnings, what was run, digests')
        .choices(['error', 'warn', 'info', 'debug'])
        .default('warn'),
    )
    .option(
      '--seeds <seeds>',
      'run with each of these seeds, such as 10 (1 to 10), 3..7 or 1,4,9: means and 95 % intervals',
    )
    .option('--workers <count>', 'threads for runs with several seeds (default: one a core)')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: RunFlags) => {
      exit(flags.seeds === undefined ? await run(file, flags, io) : await runSeeds(file, flags, io))
    })
}

async function runSeeds(file: string | undefined, flags: RunFlags, io: CommandIo): Promise<number> {
  const { runWithSeeds } = await import('./run-seeds.ts')
  return runWithSeeds(file, flags, io)
}

/** Adds the options of every command that takes a scenario. */
export function addScenarioOptions(command: Command): Command {
  return command
    .option('--trace <file>', "workload trace, gzip'd or not")
    .addOption(new Option('--format <format>', 'format of the trace').choices([...TRACE_FORMATS]))
    .option('--nodes <nodes>', 'node list file, or COUNTxCPU:MEMORY[:PODS][:gpu=N], such as 100x64:256Gi')
    .option('--scheduler-config <file>', 'KubeSchedulerConfiguration v1')
    .addOption(
      new Option('--policy <name>', 'ready-made scheduler configuration').choices(
        Object.keys(SCHEDULING_POLICIES),
      ),
    )
    .option(
      '--plugin <file>',
      'scheduler plugin of your own (.ts, .mts, .js, .mjs); may be given again',
      collect,
    )
    .option(
      '--extender <file>',
      'scheduler extender of your own (.ts, .mts, .js, .mjs); may be given again',
      collect,
    )
    .option(
      '--plugin-timeout <time>',
      'longest real time for one call of a plugin or extender (default: 10s)',
    )
    .option('--until <time>', 'end of the run, such as 2d (default: when all work is done)')
    .option('--seed <seed>', 'seed of all chance (default: 1)')
    .option(
      '--set <path=value>',
      'override a field of the scenario, or take it away (path=); may be given again',
      collect,
    )
    .option('--from <time>', 'leave out arrivals before this instant of the trace')
    .option('--limit <count>', 'take at most so many tasks')
    .option('--scale <factor>', 'take this share of the tasks, or each so often')
    .option('--time-scale <factor>', 'multiply arrival times')
    .option('--warm-up <time>', 'leave this time at the start out of the averages')
    .option('--skip-bad-rows <count>', 'tolerate and count so many malformed rows')
}

/** Parses the command line of a checkpoint as if it had been given, and runs it from there. */
async function resumeAlone(directory: string, flags: RunFlags, io: CommandIo): Promise<number> {
  let status: number = EXIT.done
  const program = new Command('stowage').exitOverride()
  registerRun(program, io, (code) => {
    status = code
  })
  const { checkpoint, quiet, json, failOn, logLevel, html } = flags
  const words = [
    ...resumingWords(directory),
    ...(checkpoint === undefined ? [] : ['--checkpoint', checkpoint]),
    ...(quiet === true ? ['--quiet'] : []),
    ...(json === true ? ['--json'] : []),
    ...(failOn === undefined ? [] : ['--fail-on', failOn]),
    ...(html === undefined ? [] : [html ? '--html' : '--no-html']),
    ...['--log-level', logLevel],
  ]
  await program.parseAsync(words, { from: 'user' })
  return status
}

async function run(file: string | undefined, flags: RunFlags, io: CommandIo): Promise<number> {
  if (flags.resume !== undefined && file === undefined && flags.trace === undefined)
    return resumeAlone(flags.resume, flags, io)
  const started = process.hrtime.bigint()
  const { scenarioOf } = await import('./run-flags.ts')
  const argv = process.argv.slice(2)
  const checkpoints = checkpointsOf(flags, argv)
  const scenario = scenarioOf(file, flags)
  const directory = outputDirectory(scenario, flags)
  const { runScenario } = await import('../run/run.ts')
  const { progressView } = await import('./progress-view.ts')
  const progress = await progressView(io, flags.quiet !== true && flags.json !== true)
  return interruptible(async (signal) => {
    try {
      const costs = flags.profileCost === true ? (await import('./run-cost.ts')).startRunCost() : undefined
      const result = await runScenario(scenario, {
        directory,
        command: commandWords(checkpoints?.command ?? argv),
        ...(checkpoints === undefined ? {} : { checkpoints }),
        version: packageVersion(),
        signal,
        onProgress: (state) => progress.update(state),
      })
      progress.stop()
      if (costs === undefined) forgetCosts(directory)
      await report(result, directory, flags, io)
      costs?.finish(
        directory,
        scenario.name,
        flags.quiet === true || flags.json === true ? io.stderr : io.stdout,
      )
      await writeRunReport(result.summary, directory, flags, io)
      tell(scenario, result, started, flags, io)
      if (result.interrupted) {
        tellOfCheckpoint(directory, io)
        return EXIT.interrupted
      }
      return flags.failOn === 'pending' && result.pendingPods > 0 ? EXIT.conditionFailed : EXIT.done
    } catch (error) {
      if (checkpoints !== undefined) tellOfCheckpoint(directory, io)
      if (error instanceof Error && error.name === 'ReplayInterrupted') return EXIT.interrupted
      throw error
    } finally {
      progress.stop()
    }
  })
}

/** What to do about a run that ended early. */
function tellOfCheckpoint(directory: string, io: CommandIo): void {
  if (!hasCheckpoint(directory)) return
  io.stderr.write(`stowage run --resume ${directory} goes on from the last checkpoint\n`)
}

/** What `--log-level info` and `debug` add, on stderr: what was run, and what came of it. */
function tell(scenario: Scenario, result: RunResult, started: bigint, flags: RunFlags, io: CommandIo): void {
  const levels = ['error', 'warn', 'info', 'debug']
  const level = levels.indexOf(flags.logLevel)
  if (level < levels.indexOf('info')) return
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  const traces = scenario.workload.map(({ file, format }) => `${file} (${format})`).join(', ')
  io.stderr.write(`info: scenario ${scenario.name}, seed ${scenario.seed}, traces: ${traces || 'none'}\n`)
  io.stderr.write(`info: ${result.events} events in ${seconds.toFixed(2)} s\n`)
  if (level < levels.indexOf('debug')) return
  io.stderr.write(`debug: scenario digest ${scenario.digest}, event digest ${result.eventDigest}\n`)
  io.stderr.write(`debug: peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`)
}

async function report(result: RunResult, directory: string, flags: RunFlags, io: CommandIo): Promise<void> {
  if (flags.json === true) {
    const { summaryJson } = await import('../report/summary-json.ts')
    io.stdout.write(summaryJson(result.summary))
  } else if (flags.quiet !== true) {
    const { summaryTable } = await import('../report/summary-table.ts')
    const { timelineText } = await import('../report/timeline-text.ts')
    const style = io.style ?? PLAIN_STYLE
    io.stdout.write(`${summaryTable(result.summary, { colour: style.colour }).trimEnd()}\n`)
    io.stdout.write(`\n${await timelineText(directory, style)}`)
    io.stdout.write(`\nreports: ${directory}${path.sep}  (see docs/outputs.md)\n`)
  }
  if (flags.logLevel !== 'error')
    for (const warning of result.warnings) io.stderr.write(`warning: ${warning}\n`)
  if (result.interrupted) io.stderr.write('interrupted: the reports hold what had happened by then\n')
}

function outputDirectory(scenario: Scenario, flags: RunFlags): string {
  if (flags.resume !== undefined) return flags.resume
  const directory = flags.out ?? scenario.report.directory ?? path.join('results', 'runs', scenario.name)
  refuseTakenDirectory(directory, flags.force === true)
  return directory
}
