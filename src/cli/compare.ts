import type { Command } from 'commander'

import { addScenarioOptions } from './run.ts'
import type { CompareFlags } from './compare-scenarios.ts'
import { addTableOptions } from './table-flags.ts'
import type { CommandIo } from './io.ts'

const EXAMPLES = `
Examples:
  stowage compare default.yaml most-allocated.yaml --seeds 10
  stowage compare a.yaml b.yaml c.yaml --seeds 1..30 --workers 8 --set spec.until=7d --out results/runs/abc`

/** Registers `stowage compare`. */
export function registerCompare(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(
    addScenarioOptions(
      program
        .command('compare')
        .description('run scenarios with the same seeds and tell how the others differ from the first')
        .argument('<scenarios...>', 'scenario files (YAML), two or more; options hold for each of them'),
    ),
  )
    .option('--seeds <seeds>', 'seeds of each, such as 10 (1 to 10), 3..7 or 1,4,9', '5')
    .option('--workers <count>', 'threads (default: one a core)')
    .option(
      '--out <dir>',
      'directory for the tables, and for the reports of each run (default: tables alone)',
    )
    .option('--force', 'replace what is in that directory')
    .option('--quiet', 'no progress')
    .option('--json', 'print the comparison as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], flags: CompareFlags) => {
      const { compareScenarios } = await import('./compare-scenarios.ts')
      exit(await compareScenarios(files, flags, io))
    })
}
