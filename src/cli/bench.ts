import { Option } from 'commander'
import type { Command } from 'commander'

import type { PerfProgress, PerfRun } from '../benchmark/scheduler-perf.ts'
import { packageVersion } from '../run/package.ts'
import { registerBenchFgd } from './bench-fgd.ts'
import { registerBenchReplay } from './bench-replay.ts'
import { registerBenchScaling } from './bench-scaling.ts'
import { registerBenchSoak } from './bench-soak.ts'
import { commandWords } from './command-words.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { addTableOptions, tableFormatsOf } from './table-flags.ts'
import type { TableFlags } from './table-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

interface SchedulerPerfFlags extends TableFlags {
  readonly config: readonly string[]
  readonly labels?: string
  readonly name?: string
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly list?: boolean
  readonly cycleTime: string
  readonly kubernetesVersion: '1.36' | '1.37'
  readonly seed: string
  readonly uniqueSignatures?: boolean
  readonly failOn?: string
}

const EXAMPLES = `
Examples:
  stowage bench scheduler-perf --config scheduler_perf/v1.37.2 --labels short --out results/perf
  stowage bench scheduler-perf --config misc/performance-config.yaml --labels performance --name SchedulingBasic
  stowage bench scheduler-perf --config scheduler_perf/v1.36.3 --kubernetes-version 1.36 --labels performance,-short --json`

/** Registers `stowage bench` with its own commands, one a benchmark. */
export function registerBench(program: Command, io: CommandIo, exit: (status: number) => void): void {
  const bench = program.command('bench').description('measure the simulator and its scheduler on known work')
  addTableOptions(bench.command('scheduler-perf'))
    .description("run the workloads of Kubernetes' scheduler_perf, from its own configuration files")
    .requiredOption('--config <place...>', 'performance-config.yaml files, or folders that hold such files')
    .option(
      '--labels <list>',
      'labels that a workload must have (name, +name) or must not (-name); default: all workloads',
    )
    .option('--name <regex>', 'only workloads whose Case/Workload matches')
    .option('--out <dir>', 'directory for data-items.json, data-items.csv, workloads.csv and manifest.json')
    .option('--force', 'replace the reports of an earlier run in that directory')
    .option('--json', "print the results in scheduler_perf's JSON form")
    .option(...QUIET)
    .option('--list', 'print the chosen workloads and run none')
    .option('--cycle-time <time>', 'simulated time of one scheduling cycle', '1ms')
    .addOption(
      new Option('--kubernetes-version <version>', 'version whose feature gates hold')
        .choices(['1.36', '1.37'])
        .default('1.37'),
    )
    .option('--seed <seed>', 'seed of all chance', '1')
    .option('--unique-signatures', 'give every pod a label of its own, as scheduler_perf of 1.37 does')
    .addOption(
      new Option('--fail-on <condition>', 'exit with 1 as well when a threshold is missed').choices([
        'threshold',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SchedulerPerfFlags) => {
      exit(await schedulerPerf(flags, io))
    })
  registerBenchFgd(bench, io, exit)
  registerBenchReplay(bench, io, exit)
  registerBenchScaling(bench, io, exit)
  registerBenchSoak(bench, io, exit)
}

async function schedulerPerf(flags: SchedulerPerfFlags, io: CommandIo): Promise<number> {
  const { chooseWorkloads, runSchedulerPerf } = await import('../benchmark/scheduler-perf.ts')
  const { configDigests } = await import('../benchmark/config-digests.ts')
  const { cpuClock } = await import('../benchmark/cpu-clock.ts')
  const chosen = chooseWorkloads({
    places: flags.config,
    labels: flags.labels ?? '',
    ...(flags.name === undefined ? {} : { name: flags.name }),
  })
  if (flags.list === true) {
    for (const { topic, testCase, name, labels } of chosen.map(({ workload }) => workload)) {
      io.stdout.write(
        `${topic}/${testCase}/${name}${labels.length === 0 ? '' : `  [${labels.join(', ')}]`}\n`,
      )
    }
    return EXIT.done
  }
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  const progress = await progressOf(io, flags)
  const { processMeters } = await import('./process-meters.ts')
  return interruptible(async (signal) => {
    try {
      const ran = await runSchedulerPerf(chosen, {
        cycleTime: flags.cycleTime,
        kubernetesVersion: flags.kubernetesVersion,
        seed: flags.seed,
        uniqueSignatures: flags.uniqueSignatures === true,
        report:
          flags.out === undefined
            ? undefined
            : {
                directory: flags.out,
                tables: tableFormatsOf(flags) ?? ['csv'],
                command: commandWords(process.argv.slice(2)),
                version: packageVersion(),
                digests: configDigests(flags.config),
              },
        cpuSeconds: cpuClock(processMeters.cpuSeconds, monotonicMs),
        milliseconds: monotonicMs,
        signal,
        onProgress: (state) => progress.update(state),
      })
      progress.stop()
      return report(ran, flags, io)
    } finally {
      progress.stop()
    }
  })
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function report(ran: PerfRun, flags: SchedulerPerfFlags, io: CommandIo): number {
  if (flags.json === true) io.stdout.write(ran.json)
  else if (flags.quiet !== true) io.stdout.write(ran.table)
  for (const warning of ran.warnings) io.stderr.write(`warning: ${warning}\n`)
  if (ran.interrupted) return EXIT.interrupted
  const isMissed = flags.failOn === 'threshold' && ran.thresholdsMissed > 0
  return ran.failed > 0 || isMissed ? EXIT.conditionFailed : EXIT.done
}

/** A bar on a terminal, a line a workload and every ten seconds elsewhere, nothing with `--quiet`. */
async function progressOf(
  io: CommandIo,
  flags: SchedulerPerfFlags,
): Promise<{ update(state: PerfProgress): void; stop(): void }> {
  if (flags.quiet === true) return { update: () => undefined, stop: () => undefined }
  const { stepsView } = await import('./progress.ts')
  const view = stepsView(io)
  return {
    update: (state) => view.update({ ...state, text: progressText(state) }),
    stop: () => view.stop(),
  }
}

function progressText({ name, detail }: PerfProgress): string {
  if (detail === undefined) return name
  const waiting = detail.wanted === 0 ? '' : `, ${detail.reached} of ${detail.wanted} pods`
  return `${name}: op ${detail.operation + 1} of ${detail.operations} ${detail.opcode}${waiting}`
}
