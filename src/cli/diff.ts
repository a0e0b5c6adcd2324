import type { Command } from 'commander'

import type { DiffFlags } from './diff-runs.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'

const EXAMPLES = `
Exit status: 0 when the runs are equal, 1 when they differ, 2 for bad input.

Examples:
  stowage diff results/runs/default results/runs/best-fit
  stowage diff a b --all --json
  stowage diff a b --quiet && echo equal`

/** Registers `stowage diff`. */
export function registerDiff(program: Command, io: CommandIo, exit: (status: number) => void): void {
  program
    .command('diff')
    .description('say in what two runs differ, and explain the first decision that does')
    .argument('<run_a>', 'directory of the reports of a run')
    .argument('<run_b>', 'directory of the reports of another run')
    .option('--all', 'show equal metrics too')
    .option(...QUIET)
    .option('--json', 'print the differences as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (a: string, b: string, flags: DiffFlags) => {
      const { compareRuns } = await import('./diff-runs.ts')
      exit(await compareRuns(a, b, flags, io))
    })
}
