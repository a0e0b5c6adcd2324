import { Option } from 'commander'
import type { Command } from 'commander'

import { FAMILY_NAMES } from '../failure/fit/family-names.ts'
import { FAILURE_TRACE_FORMATS } from '../scenario/failures/failure-trace.ts'
import { TRACE_FORMATS } from '../scenario/scenario.ts'
import type { TraceFormatName } from '../scenario/scenario.ts'
import { positiveNumber, wholeNumber } from './flag-number.ts'
import type { CommandIo } from './io.ts'
import type { QuietFlags } from './quiet-flag.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import type { FitFlags } from './trace-fit.ts'

interface InfoFlags extends QuietFlags {
  readonly format: TraceFormatName
  readonly skipBadRows: string
  readonly json?: boolean
}

interface ConvertFlags extends InfoFlags {
  readonly out: string
  readonly force?: boolean
}

interface GenerateFlags extends QuietFlags {
  readonly out: string
  readonly force?: boolean
  readonly seed: string
  readonly pods?: string
  readonly days?: string
}

/** Registers `stowage trace` with its own commands. */
export function registerTrace(program: Command, io: CommandIo): void {
  const trace = program.command('trace').description('look at, generate and convert workload traces')
  const format = (): Option =>
    new Option('--format <format>', 'format of the trace').choices([...TRACE_FORMATS]).default('csv')
  const badRows = (): Option =>
    new Option('--skip-bad-rows <count>', 'tolerate and count so many malformed rows').default('0')
  trace
    .command('info')
    .description('say what is in a trace')
    .argument('<file>', "trace, gzip'd or not")
    .addOption(format())
    .addOption(badRows())
    .option('--json', 'print as JSON')
    .option(...QUIET)
    .addHelpText('after', '\nExamples:\n  stowage trace info pods.csv.gz --format openb')
    .action(async (file: string, flags: InfoFlags) => {
      const { traceInfoText, readTraceInfo } = await import('./trace-info.ts')
      const info = await readTraceInfo(file, flags.format, wholeNumber('--skip-bad-rows', flags.skipBadRows))
      if (flags.json === true) io.stdout.write(`${JSON.stringify(info, undefined, 2)}\n`)
      else if (flags.quiet !== true) io.stdout.write(traceInfoText(file, info))
    })
  trace
    .command('convert')
    .description("write a trace in stowage's own CSV")
    .argument('<file>', "trace, gzip'd or not")
    .addOption(format())
    .addOption(badRows())
    .requiredOption('--out <file>', 'file to write')
    .option('--force', 'replace the file if it is there')
    .option(...QUIET)
    .addHelpText(
      'after',
      '\nExamples:\n  stowage trace convert batch_task.csv.gz --format alibaba2017 --out batch.csv',
    )
    .action(async (file: string, flags: ConvertFlags) => {
      const { convertTrace } = await import('./trace-info.ts')
      const tasks = await convertTrace(file, flags.format, {
        badRows: wholeNumber('--skip-bad-rows', flags.skipBadRows),
        out: flags.out,
        force: flags.force === true,
      })
      if (flags.quiet !== true) io.stdout.write(`wrote ${flags.out}: ${tasks} tasks\n`)
    })
  trace
    .command('generate')
    .description(
      'generate a synthetic trace: heavy-tailed durations, diurnal arrivals, mixed QoS and priorities',
    )
    .requiredOption('--out <file>', 'file to write')
    .option('--force', 'replace the file if it is there')
    .option(...QUIET)
    .option('--seed <seed>', 'seed of all chance', '1')
    .option('--pods <count>', 'about how many pods (default: 20000)')
    .option('--days <days>', 'over how many days (default: 1)')
    .addHelpText('after', '\nExamples:\n  stowage trace generate --out trace.csv --pods 5000 --seed 7')
    .action(async (flags: GenerateFlags) => {
      const { generateTraceFile } = await import('./trace-info.ts')
      const pods = await generateTraceFile(flags.out, {
        seed: flags.seed,
        force: flags.force === true,
        ...(flags.pods === undefined ? {} : { pods: positiveNumber('--pods', flags.pods) }),
        ...(flags.days === undefined ? {} : { days: positiveNumber('--days', flags.days) }),
      })
      if (flags.quiet !== true) io.stdout.write(`wrote ${flags.out}: ${pods} pods\n`)
    })
  registerFit(trace, io)
}

const FIT_EXAMPLES = `
Examples:
  stowage trace fit failures.csv.gz --format lanl
  stowage trace fit failures.csv.gz --format lanl --system 20 --out fitted.yaml
  stowage trace fit failures.csv.gz --format lanl --system 20 --generate year.tab --years 1 --seed 7`

function registerFit(trace: Command, io: CommandIo): void {
  const family = (flag: string, of: string): Option =>
    new Option(`--${flag} <family>`, `family of ${of} in what is written (default: the best by AIC)`).choices(
      [...FAMILY_NAMES],
    )
  trace
    .command('fit')
    .description('fit distributions to the failures and repairs of a failure trace')
    .argument('<file>', "failure trace, gzip'd or not")
    .addOption(
      new Option('--format <format>', 'format of the trace')
        .choices([...FAILURE_TRACE_FORMATS])
        .makeOptionMandatory(),
    )
    .option('--system <name>', 'take this system alone; may be given again', collect)
    .addOption(family('between', 'times between failures'))
    .addOption(family('repair', 'repair times'))
    .option('--json', 'print as JSON')
    .option(...QUIET)
    .option('--out <file>', 'write a scenario with these failures')
    .option('--generate <file>', "write failures drawn from the fit, as a trace of Grid'5000's format")
    .option('--years <count>', 'for how long to draw failures', '1')
    .option('--seed <seed>', 'seed of what is drawn', '1')
    .option('--force', 'replace files that are there')
    .addHelpText('after', FIT_EXAMPLES)
    .action(async (file: string, flags: FitFlags) => {
      const { fitTrace } = await import('./trace-fit.ts')
      await fitTrace(file, flags, io)
    })
}
