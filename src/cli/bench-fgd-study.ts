import { existsSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { configDigests } from '../benchmark/config-digests.ts'
import { ARRIVED_MAX } from '../benchmark/fgd/arrival-series.ts'
import { NOTHING_PUBLISHED, readPublished } from '../benchmark/fgd/published.ts'
import type { Published } from '../benchmark/fgd/published.ts'
import { writeStudy } from '../benchmark/fgd/study-files.ts'
import { readStudyInput } from '../benchmark/fgd/study-input.ts'
import { agreementOf, groupRuns, studyMeans } from '../benchmark/fgd/study-means.ts'
import type { RunAgreement, StudyMean, StudyRun } from '../benchmark/fgd/study-means.ts'
import { findStudyPlaces } from '../benchmark/fgd/study-places.ts'
import type { StudyPlaces } from '../benchmark/fgd/study-places.ts'
import { policiesOf } from '../benchmark/fgd/study-policies.ts'
import type { StudyUnit } from '../benchmark/fgd/study-run.ts'
import { runStudies } from '../benchmark/fgd/study-threads.ts'
import { packageVersion } from '../run/package.ts'
import type { BenchFgdFlags } from './bench-fgd.ts'
import { studyJson, studyText } from './bench-fgd-text.ts'
import { commandWords } from './command-words.ts'
import { positiveNumber } from './flag-number.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { stepsView } from './progress.ts'
import { seedsOf, workersOf } from './sweep-flags.ts'
import { tableFormatsOf } from './table-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

/** What a study came to. */
export interface StudyOutcome {
  readonly runs: readonly StudyRun[]
  readonly means: readonly StudyMean[]
  /** Of each workload and policy, by `workload/policy`. */
  readonly agreement: ReadonlyMap<string, RunAgreement>
}

const TRACES = path.join('traces', 'alibaba-openb-2023')
const EXPECTED = 'fgd-expected'
/** Loads that means are told of are multiples of it, in percent. */
const STEP = 5

/** `stowage bench fgd`: the exit status. */
export async function benchFgd(flags: BenchFgdFlags, io: CommandIo): Promise<number> {
  const { policies, seeds, tune, loads, within } = settingOf(flags)
  const folder = flags.traces ?? foundTraces()
  const places = findStudyPlaces(folder, flags.workload)
  const published = publishedOf(flags, folder)
  if (within !== undefined && published.files.length === 0) {
    throw new InputError({ field: '--within', message: 'needs published results', hint: 'give --expected' })
  }
  // What is wrong with a file is told before any run.
  for (const { file } of places.workloads) readStudyInput(places.nodeFile, file)
  const units = unitsOf(places, policies, seeds, tune)
  const { outcome, isInterrupted } = await runAll(units, published, { seeds: seeds.length, flags, io })
  if (flags.out !== undefined) {
    const tables = tableFormatsOf(flags) ?? ['csv']
    await writeStudy(flags.out, outcome, manifestOf(flags, { places, published, isInterrupted }), tables)
  }
  const table = outcome.means.filter(({ arrived }) => loads.includes(arrived))
  if (flags.json === true) io.stdout.write(studyJson(table, outcome.agreement))
  else if (flags.quiet !== true && table.length > 0) io.stdout.write(studyText(table, outcome))
  if (isInterrupted) {
    io.stderr.write(interruptedText(outcome, units, seeds.length))
    return EXIT.interrupted
  }
  return within !== undefined && tellFar(table, within, io) > 0 ? EXIT.conditionFailed : EXIT.done
}

/** What flags say by themselves: all of it is checked before a file is looked for. */
function settingOf(flags: BenchFgdFlags): {
  readonly policies: readonly string[]
  readonly seeds: readonly number[]
  readonly tune: number
  /** Loads of the table, in percent. */
  readonly loads: readonly number[]
  readonly within: number | undefined
} {
  workersOf(flags)
  const setting = {
    policies: policiesOf(flags.policies),
    seeds: seedsOf(flags.seeds),
    tune: positiveNumber('--tune', flags.tune),
    loads: loadsOf(flags.arrived),
    within: flags.within === undefined ? undefined : positiveNumber('--within', flags.within),
  }
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  return setting
}

/** What there is of a study that ended early: a mean over fewer seeds than others would be compared with them. */
function interruptedText({ runs }: StudyOutcome, units: readonly StudyUnit[], seeds: number): string {
  const whole = groupRuns(runs).filter((group) => group.length === seeds).length
  return [
    `interrupted: ${runs.length} of ${units.length} runs were made`,
    `; means are of the ${whole} of ${units.length / seeds} workloads and policies with every seed made\n`,
  ].join('')
}

async function runAll(
  units: readonly StudyUnit[],
  published: Published,
  setting: { readonly seeds: number; readonly flags: BenchFgdFlags; readonly io: CommandIo },
): Promise<{ readonly outcome: StudyOutcome; readonly isInterrupted: boolean }> {
  const { seeds, flags, io } = setting
  const view = flags.quiet === true ? undefined : stepsView(io)
  const results = await interruptible(async (signal) => {
    try {
      return await runStudies(units, {
        workers: workersOf(flags),
        program: io.program?.at(-1),
        signal,
        onDone: ({ workload, policy, seed }, done) => {
          view?.update({ done: done - 1, total: units.length, text: `${workload}, ${policy}, seed ${seed}` })
        },
      })
    } finally {
      view?.stop()
    }
  })
  const runs = units.flatMap((unit, index): StudyRun[] => {
    const result = results[index]
    return result === undefined ? [] : [{ unit, result }]
  })
  const whole = groupRuns(runs).filter((group) => group.length === seeds)
  const agreement = new Map(
    whole.map((group): [string, RunAgreement] => {
      const unit = group[0]?.unit
      return [`${unit?.workload ?? ''}/${unit?.policy ?? ''}`, agreementOf(group, published)]
    }),
  )
  const means = whole.flatMap((group) => studyMeans(group, published))
  return { outcome: { runs, means, agreement }, isInterrupted: runs.length < units.length }
}

/** The runs, those of a workload one after another, for threads keep the files that they read last. */
function unitsOf(
  { nodeFile, workloads }: StudyPlaces,
  policies: readonly string[],
  seeds: readonly number[],
  tune: number,
): readonly StudyUnit[] {
  return workloads.flatMap(({ name, file }) =>
    policies.flatMap((policy) =>
      seeds.map((seed) => ({ nodeFile, podFile: file, workload: name, policy, seed, tune })),
    ),
  )
}

function foundTraces(): string {
  const shared = process.env['STOWAGE_SHARED'] ?? path.resolve('..', 'shared')
  const folder = path.join(shared, TRACES)
  if (existsSync(folder)) return folder
  throw new InputError({
    field: '--traces',
    message: `is needed: there is no ${folder}`,
    hint: "give the folder of Alibaba's openb trace (github.com/alibaba/clusterdata, cluster-trace-gpu-v2023/csv)",
  })
}

function publishedOf({ expected }: BenchFgdFlags, traces: string): Published {
  if (expected !== undefined) return readPublished(expected)
  const beside = path.join(path.dirname(path.resolve(traces)), EXPECTED)
  return existsSync(beside) ? readPublished(beside) : NOTHING_PUBLISHED
}

function loadsOf(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const load = /^\d{1,3}$/.test(word.trim()) ? Number(word) : Number.NaN
    if (load <= ARRIVED_MAX && load % STEP === 0) return load
    throw new InputError({
      field: '--arrived',
      message: `"${word}" is no load of the table`,
      hint: `expected percents from 0 to ${ARRIVED_MAX} that ${STEP} divides, such as 80,100,130`,
    })
  })
}

/** Says on stderr which allocations are too far from the published ones; how many. */
function tellFar(table: readonly StudyMean[], within: number, io: CommandIo): number {
  const far = table.filter(({ measures }) => Math.abs(measures.alloc_pct?.deviation ?? 0) > within)
  for (const { workload, policy, arrived, measures } of far) {
    const deviation = measures.alloc_pct?.deviation?.toFixed(2) ?? ''
    io.stderr.write(
      `failed: allocation of ${policy} on ${workload} at ${arrived} % arrived is ${deviation} published standard deviations off\n`,
    )
  }
  return far.length
}

function manifestOf(
  flags: BenchFgdFlags,
  made: {
    readonly places: StudyPlaces
    readonly published: Published
    readonly isInterrupted: boolean
  },
): Parameters<typeof writeStudy>[2] {
  const { nodeFile, workloads } = made.places
  return {
    command: commandWords(process.argv.slice(2)),
    seed: flags.seeds,
    versions: { stowage: packageVersion() },
    digests: configDigests([nodeFile, ...workloads.map(({ file }) => file), ...made.published.files]),
    interrupted: made.isInterrupted,
    warnings: [],
  }
}
