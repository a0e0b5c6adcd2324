import type { Command } from 'commander'

import { SCHEDULING_POLICIES } from '../scenario/scheduling-policies.ts'
import type { CompareFlags } from './compare-scenarios.ts'
import { addTableOptions } from './table-flags.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { collect } from './repeated-flag.ts'
import { addScenarioOptions } from './run.ts'

const EXAMPLES = `
Examples:
  stowage compare scenario.yaml --try my-plugin.ts --seeds 10
  stowage compare scenario.yaml --policies default,MostAllocated --scheduler-configs ours=scheduler.yaml
  stowage compare scenario.yaml --variant small:spec.nodes[0].template.count=20 --metric created_to_bound_s_p99
  stowage compare --trace pods.csv.gz --format openb --nodes nodes.csv.gz --policies all --scale 0.9 --seeds 10
  stowage compare default.yaml most-allocated.yaml --seeds 1..30 --workers 8 --set spec.until=7d --out results/runs/two`

/** Registers `stowage compare`. */
export function registerCompare(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(
    addScenarioOptions(
      program
        .command('compare')
        .description(
          'run variants of a scenario, or several scenarios, with the same seeds and tell how they differ',
        )
        .argument('[scenarios...]', 'scenario files (YAML): one and its variants, or two or more'),
    ),
  )
    .option(
      '--policies <names>',
      `variants by scheduling policy, such as default,MostAllocated, or all: ${Object.keys(SCHEDULING_POLICIES).join(', ')}`,
    )
    .option('--scheduler-configs <files...>', 'a variant a KubeSchedulerConfiguration: FILE or NAME=FILE')
    .option('--try <file>', 'a variant with this scheduler plugin added; may be given again', collect)
    .option('--variant <name:path=value>', 'a variant with a field set; given again, more of it', collect)
    .option('--baseline <name>', 'what the others are compared with (default: the scenario as it stands)')
    .option('--seeds <seeds>', 'seeds of each, such as 10 (1 to 10), 3..7 or 1,4,9', '5')
    .option('--workers <count>', 'threads (default: one a core)')
    .option('--metric <name>', 'print this metric of the summary; may be given again', collect)
    .option('--all', 'print all metrics')
    .option(
      '--out <dir>',
      'directory for the tables, and for the reports of each run (default: tables alone)',
    )
    .option('--no-runs', 'no reports of single runs, with --out either')
    .option('--no-html', 'write no compare.html')
    .option('--force', 'replace what is in that directory')
    .option(...QUIET)
    .option('--json', 'print the comparison as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], flags: CompareFlags) => {
      const { compareScenarios } = await import('./compare-scenarios.ts')
      exit(await compareScenarios(files, flags, io))
    })
}
