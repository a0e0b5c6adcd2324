import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import { countNumber } from './flag-number.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { PLAIN_STYLE } from './text-style.ts'

/** Flags of `stowage report`, as commander hands them over. */
export interface ReportFlags {
  readonly failure?: string
  readonly html?: string | boolean
  readonly svg?: string | boolean
  readonly json?: boolean
  readonly force?: boolean
  readonly quiet?: boolean
}

const EXAMPLES = `
Examples:
  stowage report results/runs/outage
  stowage report results/runs/outage --failure 1
  stowage report results/runs/outage --html
  stowage report results/runs/outage --svg artefacts
  stowage report results/runs/default results/runs/most-allocated --html compared.html`

/** Registers `stowage report`. */
export function registerReport(program: Command, io: CommandIo): void {
  program
    .command('report')
    .description('show what a run left: over time, its failures, as a page, as charts; several runs compared')
    .argument('<dirs...>', 'directories of the reports; with more than one a page or charts compare them')
    .option('--failure <id>', 'the timeline of one failure, and what limited the recovery from it')
    .option('--html [file]', 'make report.html in the directory, or a page with another name')
    .option('--svg [dir]', 'draw the charts over time as SVG, in the directory or another')
    .option('--json', 'print what a page would be given, as JSON')
    .option('--force', 'replace a page that is there under a name given to --html')
    .option(...QUIET)
    .addHelpText('after', EXAMPLES)
    .action(async (directories: readonly string[], flags: ReportFlags) => {
      if (flags.html !== undefined || flags.svg !== undefined || flags.json === true) {
        const { reportFiles } = await import('./report-files.ts')
        await reportFiles(directories, flags, io)
        return
      }
      const [directory = '', another] = directories
      if (another !== undefined) {
        throw new InputError({
          message: 'several runs are compared by a page or charts',
          hint: 'give --html FILE',
        })
      }
      const { failureListText, failureText } = await import('./failure-report.ts')
      if (flags.failure !== undefined) {
        const text = await failureText(directory, countNumber('--failure', flags.failure))
        if (flags.quiet !== true) io.stdout.write(text)
        return
      }
      const failures = await failureListText(directory)
      const { timelineText } = await import('../report/timeline-text.ts')
      const timeline = await timelineText(directory, io.style ?? PLAIN_STYLE)
      if (flags.quiet === true) return
      io.stdout.write(timeline === '' ? failures : `${failures}\n${timeline}`)
    })
}
