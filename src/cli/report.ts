import type { Command } from 'commander'

import { countNumber } from './flag-number.ts'
import type { CommandIo } from './io.ts'

interface ReportFlags {
  readonly failure?: string
}

const EXAMPLES = `
Examples:
  stowage report results/runs/outage
  stowage report results/runs/outage --failure 1`

/** Registers `stowage report`. */
export function registerReport(program: Command, io: CommandIo): void {
  program
    .command('report')
    .description('say how a run recovered from its failures, from the reports that it left')
    .argument('<dir>', 'directory of the reports')
    .option('--failure <id>', 'the timeline of one failure, and what limited the recovery from it')
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, flags: ReportFlags) => {
      const { failureListText, failureText } = await import('./failure-report.ts')
      io.stdout.write(
        flags.failure === undefined
          ? await failureListText(directory)
          : await failureText(directory, countNumber('--failure', flags.failure)),
      )
    })
}
