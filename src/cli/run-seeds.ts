import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { writing } from '../report/output-error.ts'
import { writeTable } from '../report/write-table.ts'
import { loadScenario } from '../scenario/load.ts'
import { runsCsv, seedsCsv } from '../sweep/sweep-tables.ts'
import { failedRunsText, writeFailedRuns } from './failed-runs.ts'
import { forgetPages } from './forget-pages.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { scenarioInputOf } from './run-flags.ts'
import type { RunFlags } from './run.ts'
import { seedsOf, workersOf } from './sweep-flags.ts'
import { sweep } from './sweep-runs.ts'
import { seedsText } from './sweep-text.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

/**
 * Runs a scenario with each of several seeds and tells the mean of every metric with its interval. Writes seeds.csv and runs.csv,
 * and with `--out` the files of each run into a directory of its own beside them. Returns the exit status.
 */
export async function runWithSeeds(
  file: string | undefined,
  flags: RunFlags,
  io: CommandIo,
): Promise<number> {
  if (flags.seed !== undefined) throw together('--seed')
  if (flags.profileCost === true) throw together('--profile-cost')
  if (flags.checkpoint !== undefined) throw together('--checkpoint')
  if (flags.resume !== undefined) throw together('--resume')
  const seeds = seedsOf(flags.seeds ?? '')
  const input = scenarioInputOf(file, flags)
  const { name, report } = loadScenario(input)
  const directory = flags.out ?? report.directory ?? path.join('results', 'runs', name)
  refuseTakenDirectory(directory, flags.force === true)
  writing(directory, () => makeDirectory(directory))
  writing(directory, () => forgetPages(directory))
  const { out } = flags
  const directoryOf = (seed: number): string | undefined =>
    out === undefined ? undefined : path.join(out, `seed-${seed}`)
  const quiet = flags.quiet === true || flags.json === true
  const setting = { seeds, workers: workersOf(flags), quiet }
  const { outcomes, failures, interrupted } = await sweep([{ name, input, directoryOf }], setting, io)
  const { samples = [], seeds: whole = [], warnings = [] } = outcomes[0] ?? {}
  await writeTable({ directory, name: 'seeds.csv' }, seedsCsv(samples), report.tables)
  await writeTable({ directory, name: 'runs.csv' }, runsCsv([{ name, samples }], whole), report.tables)
  await writeFailedRuns(directory, failures, report.tables)
  if (flags.json === true)
    io.stdout.write(`${JSON.stringify({ name, seeds: whole, failures, metrics: samples }, undefined, 2)}\n`)
  else if (flags.quiet !== true) {
    io.stdout.write(seedsText(name, samples, whole.length))
    io.stdout.write(`\nreports: ${directory}${path.sep}  (see docs/seeds.md)\n`)
  }
  if (flags.logLevel !== 'error') for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`)
  io.stderr.write(failedRunsText(failures))
  if (interrupted) {
    io.stderr.write('interrupted: the means are of the runs that had ended by then\n')
    return EXIT.interrupted
  }
  if (failures.length > 0) return EXIT.conditionFailed
  const pending = samples.find((sample) => sample.name === 'pods_pending_at_end')?.interval?.max ?? 0
  return flags.failOn === 'pending' && pending > 0 ? EXIT.conditionFailed : EXIT.done
}

function together(flag: string): InputError {
  return new InputError({
    field: flag,
    message: 'means nothing together with --seeds',
    hint: 'give one of them',
  })
}
