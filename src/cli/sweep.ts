import type { Command } from 'commander'

import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import { addScenarioOptions } from './run.ts'
import type { SweepCommandFlags } from './sweep-plan.ts'
import { addTableOptions } from './table-flags.ts'

const EXAMPLES = `
Examples:
  stowage sweep scenario.yaml --grid spec.nodes[0].template.count=10,20,30 --grid spec.scheduler.policy=default,MostAllocated
  stowage sweep scenario.yaml --latin 30 --range spec.nodes[0].template.count=10..40 --range spec.until=log:1h..48h
  stowage sweep sweep.yaml --workers 8 --out results/runs/sizes
  stowage sweep --resume results/runs/sizes --retry-failed

A sweep that ended early goes on when the same command is given again. --seed is the seed of the draws of points, --seeds
those of the runs of each.`

/** Registers `stowage sweep`. */
export function registerSweep(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(
    addScenarioOptions(
      program
        .command('sweep')
        .description(
          'run a scenario at many points of its fields, each with several seeds, and tell which are worth having',
        )
        .argument('[file]', 'scenario file or Sweep file (YAML)'),
    ),
  )
    .option('--grid <path=values>', 'values of a field, such as spec.seed=1,2; may be given again', collect)
    .option(
      '--range <path=from..to>',
      'range of a field, as 1..10, log:0.1..10 or 1m..90m; may be given again',
      collect,
    )
    .option('--random <count>', 'draw so many points')
    .option('--latin <count>', 'draw so many points as a Latin hypercube: each part of each range has one')
    .option('--seeds <seeds>', 'seeds of each point, such as 10 (1 to 10), 3..7 or 1,4,9 (default: 5)')
    .option('--workers <count>', 'threads (default: one a core)')
    .option(
      '--metric <name>',
      'column of points.csv; may be given again (default: the main metrics)',
      collect,
    )
    .option('--pareto <metrics>', 'what the front is of, such as cost:less,availability:more')
    .option('--out <dir>', 'directory of the sweep (default: results/runs/NAME-sweep)')
    .option('--resume <dir>', 'go on with the sweep in that directory, as its own record says')
    .option('--retry-failed', 'run what failed before again')
    .option('--no-html', 'write no sweep.html')
    .option('--force', 'begin anew in that directory')
    .option(...QUIET)
    .option('--json', 'print the points as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: SweepCommandFlags) => {
      const { runSweepCommand } = await import('./sweep-command.ts')
      exit(await runSweepCommand(file, flags, io))
    })
}
