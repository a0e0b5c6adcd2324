import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { writing } from '../report/output-error.ts'
import { writeTable } from '../report/write-table.ts'
import { loadScenario } from '../scenario/load.ts'
import { pairedDifference } from '../sweep/metric-samples.ts'
import { compareCsv, runsCsv, sampleNamed } from '../sweep/sweep-tables.ts'
import type { ComparedScenario } from '../sweep/sweep-tables.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { scenarioInputOf } from './run-flags.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { seedsOf, workersOf } from './sweep-flags.ts'
import type { SweepFlags } from './sweep-flags.ts'
import { sweep } from './sweep-runs.ts'
import { compareText } from './sweep-text.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

/** Flags of `stowage compare`, as commander hands them over. */
export interface CompareFlags extends ScenarioFlags, SweepFlags {
  readonly seeds: string
  readonly out?: string
  readonly force?: boolean
  readonly quiet?: boolean
  readonly json?: boolean
}

/**
 * Runs scenarios with the same seeds, prints them side by side and writes compare.csv and runs.csv; with `--out` also the files of
 * each run, in `SCENARIO/seed-K` there. Returns the exit status.
 */
export async function compareScenarios(
  files: readonly string[],
  flags: CompareFlags,
  io: CommandIo,
): Promise<number> {
  if (flags.seed !== undefined) {
    throw new InputError({ field: '--seed', message: 'is not for several runs', hint: 'give --seeds' })
  }
  if (files.length < 2) {
    throw new InputError({ message: 'there is one scenario', hint: 'give two or more to compare' })
  }
  const seeds = seedsOf(flags.seeds)
  const inputs = files.map((file) => scenarioInputOf(file, flags))
  const loaded = inputs.map(loadScenario)
  const names = namesOf(
    files,
    loaded.map(({ name }) => name),
  )
  const { out } = flags
  const directory = out ?? path.join('results', 'runs', names.join('-vs-').slice(0, 100))
  refuseTakenDirectory(directory, flags.force === true)
  writing(directory, () => makeDirectory(directory))
  const scenarios = inputs.map((input, index) => {
    const own = out === undefined ? undefined : path.join(out, names[index] ?? '')
    if (own !== undefined) writing(own, () => makeDirectory(own))
    return {
      input,
      directoryOf: (seed: number) => (own === undefined ? undefined : path.join(own, `seed-${seed}`)),
    }
  })
  const quiet = flags.quiet === true || flags.json === true
  const { outcomes, interrupted } = await sweep(scenarios, { seeds, workers: workersOf(flags), quiet }, io)
  const compared = outcomes.map(({ samples }, index) => ({ name: names[index] ?? '', samples }))
  const whole = outcomes[0]?.seeds ?? []
  const tables = loaded[0]?.report.tables ?? ['csv']
  await writeTable({ directory, name: 'compare.csv' }, compareCsv(compared), tables)
  await writeTable({ directory, name: 'runs.csv' }, runsCsv(compared, whole), tables)
  if (flags.json === true) io.stdout.write(`${JSON.stringify(jsonOf(compared, whole), undefined, 2)}\n`)
  else {
    io.stdout.write(compareText(compared, whole.length))
    io.stdout.write(`\nreports: ${directory}${path.sep}  (see docs/seeds.md)\n`)
  }
  outcomes.forEach(({ warnings }, index) => {
    for (const warning of warnings) io.stderr.write(`warning: ${names[index] ?? ''}: ${warning}\n`)
  })
  if (!interrupted) return EXIT.done
  io.stderr.write('interrupted: the means are of the seeds that all scenarios had run by then\n')
  return EXIT.interrupted
}

/** Names of the scenarios; those of their files where two have one name. */
function namesOf(files: readonly string[], names: readonly string[]): readonly string[] {
  if (new Set(names).size === names.length) return names
  const own = files.map((file) => path.basename(file).replace(/\.ya?ml$/, ''))
  if (new Set(own).size === own.length) return own
  throw new InputError({
    message: `two scenarios have the name ${names.find((name, index) => names.indexOf(name) !== index) ?? ''}`,
    hint: 'give each a metadata.name of its own',
  })
}

function jsonOf(compared: readonly ComparedScenario[], seeds: readonly number[]): unknown {
  const first = compared[0]?.samples ?? []
  return {
    seeds,
    scenarios: compared.map(({ name, samples }, index) => ({
      name,
      metrics: samples.map((sample) => ({
        ...sample,
        difference: index === 0 ? undefined : pairedDifference(sample, sampleNamed(first, sample.name)),
      })),
    })),
  }
}
