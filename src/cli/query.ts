import { Option } from 'commander'
import type { Command } from 'commander'

import type { CommandIo } from './io.ts'
import type { QueryFlags } from './query-runs.ts'
import { QUIET } from './quiet-flag.ts'

/** Forms of an answer. */
export const ANSWER_FORMATS = ['table', 'csv', 'json', 'markdown', 'parquet'] as const

const EXAMPLES = `
Every table of the runs is a view by its name: pods, nodes, timeseries, events, summary, …; before its own columns it has those that
say which run a row is of: run, scenario, policy, seed. runs has a row a run; run_metrics is runs.csv of a comparison.

Examples:
  stowage query results/runs/mixed-day "select outcome, count(*) from pods group by all order by all"
  stowage query results/abc "select scenario, avg(value) from summary where metric = 'pods_bound' group by all order by all"
  stowage query 'results/runs/*' --file query.sql --format csv --out answer.csv
  echo "select * from failures" | stowage query results/runs/outage -
  stowage query results/runs/mixed-day --tables`

/** Registers `stowage query`. */
export function registerQuery(program: Command, io: CommandIo, exit: (status: number) => void): void {
  program
    .command('query')
    .description('answer SQL over the tables of one run or many (DuckDB)')
    .argument(
      '<words...>',
      'directories of runs, comparisons or sweeps, then the SQL; - reads the SQL from standard input',
    )
    .option('--file <file>', 'read the SQL from a file')
    .option('--tables', 'list the tables and their columns')
    .addOption(
      new Option('--format <format>', 'form of the answer').choices([...ANSWER_FORMATS]).default('table'),
    )
    .option('--json', 'the same as --format json')
    .option(...QUIET)
    .option('--out <file>', 'write the answer into a file')
    .option('--force', 'replace that file')
    .option(
      '--workers <count>',
      'threads; with more than one, the order of rows that the SQL leaves open and last digits of sums may differ',
      '1',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (words: readonly string[], flags: QueryFlags) => {
      const { queryRuns } = await import('./query-runs.ts')
      exit(await queryRuns(words, flags, io))
    })
}
