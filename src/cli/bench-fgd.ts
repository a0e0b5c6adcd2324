import type { Command } from 'commander'

import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'
import { addTableOptions } from './table-flags.ts'
import type { TableFlags } from './table-flags.ts'

/** Flags of `stowage bench fgd`. */
export interface BenchFgdFlags extends TableFlags {
  readonly traces?: string
  readonly workload: string
  readonly policies: string
  readonly seeds: string
  readonly tune: string
  readonly arrived: string
  readonly workers?: string
  readonly expected?: string
  readonly within?: string
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const EXAMPLES = `
Pods arrive until they have asked for --tune times the GPUs; each is placed by the scheduler or dropped, and nothing leaves. The
table has means and standard deviations over the seeds, beside the published ones, and the difference of the means in published
standard deviations. See docs/fgd.md.

Examples:
  stowage bench fgd --traces cluster-trace-gpu-v2023/csv
  stowage bench fgd --workload all --out results/runs/fgd
  stowage bench fgd --workload gpuspec33,multigpu50 --policies BestFit,FGD --seeds 42..51 --arrived 80,100,130
  stowage bench fgd --workload my_pods.csv --policies FGD,default --seeds 3 --json
  stowage bench fgd --expected fgd-expected --within 1.5        # exit 1 when an allocation is further away`

/** Registers `stowage bench fgd`. */
export function registerBenchFgd(bench: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(bench.command('fgd'))
    .description('repeat the study of fragmentation gradient descent (USENIX ATC 2023) on the openb trace')
    .option(
      '--traces <dir>',
      'folder of the openb trace (default: traces/alibaba-openb-2023 in STOWAGE_SHARED, or in ../shared)',
    )
    .option(
      '--workload <list>',
      'variants such as default,gpuspec33, all that are there, or files',
      'default',
    )
    .option('--policies <list>', "policies by the study's names, or any scheduling policy's", 'all')
    .option('--seeds <seeds>', 'seeds of each, such as 42..51, 10 (1 to 10) or 1,4,9', '42..51')
    .option('--tune <ratio>', 'GPUs that the pods ask for, as a multiple of those that there are', '1.3')
    .option('--arrived <list>', 'arrived loads of the table, percents that 5 divides', '100')
    .option('--workers <count>', 'threads (default: one a core)')
    .option(
      '--expected <place>',
      'published results: a folder with summary_mean_sd.csv, or such a file (default: fgd-expected beside the traces)',
    )
    .option(
      '--within <deviations>',
      'exit with 1 when an allocation of the table is further from the published mean, in its standard deviations',
    )
    .option('--out <dir>', 'directory for means.csv, runs.csv and manifest.json')
    .option('--force', 'replace what is in that directory')
    .option('--json', 'print the table as JSON')
    .option(...QUIET)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: BenchFgdFlags) => {
      const { benchFgd } = await import('./bench-fgd-study.ts')
      exit(await benchFgd(flags, io))
    })
}
