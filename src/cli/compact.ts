import { Option } from 'commander'
import type { Command } from 'commander'

import type { PodOrder } from '../plan/packing/pod-order.ts'
import type { CompactFlags } from './compact-cell.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { addScenarioOptions } from './run.ts'
import { addTableOptions } from './table-flags.ts'

const EXAMPLES = `
Examples:
  stowage compact --trace tasks.csv --nodes 500x32:128Gi --policies default,MostAllocated
  stowage compact scenario.yaml --at 6h --trials 21 --out results/compaction
  stowage compact small.yaml --all-pods --pending 0 --optimal --json`

const ORDERS: readonly PodOrder[] = ['creation', 'largest']

/** Registers `stowage compact`. */
export function registerCompact(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(
    addScenarioOptions(
      program
        .command('compact')
        .description(
          'remove machines in random order until the workload no longer fits: how many a scheduler needs, against a proven bound',
        )
        .argument('[scenario]', 'scenario file (YAML); without it --trace and --nodes say what to pack'),
    ),
  )
    .option('--at <time>', 'pack the pods that exist at this instant (default: when they request most)')
    .addOption(
      new Option('--order <order>', 'in which pods of one priority are packed')
        .choices([...ORDERS])
        .default('creation'),
    )
    .option('--all-pods', 'pack all pods of the traces at once, whenever they come')
    .option(
      '--policies <names>',
      'policies to compare, the first is the baseline; "configured" is the own one of the scenario',
    )
    .option('--trials <count>', 'orders of removal; each policy is tried on the same', '11')
    .option('--pending <share>', 'pods that may stay pending if they are picky, such as 0 or 0.2%', '0.2%')
    .option('--picky <machines>', 'picky is a pod that so many machines take at most', '5')
    .option('--verify <count>', 'numbers of machines above each answer that are tried besides', '2')
    .option('--copies <count>', 'how often the cell may be cloned where it is too small', '16')
    .option('--optimal', 'look for the optimum too, for a small cell')
    .option('--workers <count>', 'threads (default: one a core)')
    .option('--out <dir>', 'write compaction.csv, policies.csv and manifest.json there')
    .option('--force', 'replace what is in that directory')
    .option('--json', 'print the answer as JSON')
    .option(...QUIET)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: CompactFlags) => {
      const { compactCell } = await import('./compact-cell.ts')
      exit(await compactCell(file, flags, io))
    })
}
