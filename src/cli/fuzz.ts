import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'

import { Option } from 'commander'
import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import type { FuzzedSeed, SeedOptions } from '../fuzz/fuzz-seed.ts'
import type { Pass } from '../fuzz/check-case.ts'
import { countNumber, positiveNumber, wholeNumber } from './flag-number.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { QUIET } from './quiet-flag.ts'

/** Flags of `stowage fuzz`. */
export interface FuzzFlags {
  readonly seeds?: string
  readonly seed: string
  readonly seconds?: string
  readonly faults?: boolean
  readonly scenario?: string
  readonly workers?: string
  readonly out: string
  readonly shrink: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  /** `INDEX/COUNT` of a worker: every COUNT-th seed, a line of JSON each. */
  readonly share?: string
}

/** Processes at a time by default: a laptop stays usable. */
const WORKERS_MAX = 4

const EXAMPLES = `
Each seed is a small cluster with random nodes, workloads, settings, actions and faults. It is run with its faults, then without, then
once more, half of them by the definition of scheduling alone. Laws are looked at inside each write, at every few hundred events, and when all
should be whole again: docs/fuzz.md names them. Exit status 1 when one was broken: the smallest scenario that
breaks it is printed, and written to --out.

Examples:
  stowage fuzz --seeds 2000
  stowage fuzz --seeds 100 --seed 5000 --no-faults
  stowage fuzz --seconds 300 --workers 2 --json
  stowage fuzz --scenario results/fuzz/seed-17.yaml`

/** Registers `stowage fuzz`. */
export function registerFuzz(program: Command, io: CommandIo, exit: (status: number) => void): void {
  const given = new Set<string>()
  program
    .command('fuzz')
    .on('option:faults', () => given.add('--faults'))
    .on('option:no-faults', () => given.add('--no-faults'))
    .description('run random clusters, break them, and hold what happens against laws')
    .option(
      '--seeds <count>',
      'how many seeds (default: 100, or as many as there is time for with --seconds)',
    )
    .option('--seed <seed>', 'the first of them', '1')
    .option('--seconds <count>', 'begin no more runs after so many seconds')
    .option('--faults', 'only the runs with faults')
    .option('--no-faults', 'only the runs without faults')
    .option('--scenario <file>', 'hold one scenario against the laws, instead of seeds')
    .option('--workers <count>', `processes at a time (default: one a processor, at most ${WORKERS_MAX})`)
    .option('--no-shrink', 'tell of failing seeds as they are, without a search for the smallest scenario')
    .option('--out <dir>', 'directory for the scenarios of failing seeds', 'results/fuzz')
    .option('--json', 'print what was found as JSON')
    .option(...QUIET)
    .addOption(new Option('--share <share>').hideHelp())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: FuzzFlags) => {
      if (given.size === 2) {
        throw new InputError({
          field: '--no-faults',
          message: 'excludes --faults',
          hint: 'give one of them; without both all runs are made',
        })
      }
      exit(await fuzz(flags, io))
    })
}

/** Seeds to run. */
export interface SeedRange {
  readonly first: number
  readonly count: number
}

const SEEDS = 100
const SEEDS_MAX = 1e9

function rangeOf(flags: FuzzFlags): SeedRange {
  const first = wholeNumber('--seed', flags.seed)
  if (flags.seeds !== undefined) return { first, count: countNumber('--seeds', flags.seeds) }
  return { first, count: flags.seconds === undefined ? SEEDS : SEEDS_MAX }
}

/** The runs that flags ask for. */
function passesOf({ faults }: Pick<FuzzFlags, 'faults'>): readonly Pass[] {
  if (faults === undefined) return ['with faults', 'without faults', 'again']
  return faults ? ['with faults', 'again'] : ['without faults']
}

async function fuzz(flags: FuzzFlags, io: CommandIo): Promise<number> {
  const range = rangeOf(flags)
  const seconds = flags.seconds === undefined ? undefined : positiveNumber('--seconds', flags.seconds)
  const workers = countNumber(
    '--workers',
    flags.workers ?? String(Math.min(WORKERS_MAX, availableParallelism())),
    64,
  )
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-fuzz-'))
  try {
    return await interruptible(async (stop) => {
      const timeout = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)]
      const options = { folder, passes: passesOf(flags), signal: AbortSignal.any([stop, ...timeout]) }
      if (flags.scenario !== undefined) {
        const { fuzzScenario } = await import('./fuzz-scenario.ts')
        return fuzzScenario(flags.scenario, options, flags, io)
      }
      if (flags.share !== undefined) return await work(range, flags.share, options, io)
      const found = await gather(range, workers, flags, options, io)
      const { reportSeeds } = await import('./fuzz-report.ts')
      const status = await reportSeeds(found, { ...options, signal: stop }, flags, io)
      return stop.aborted ? EXIT.interrupted : status
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A worker: every so many-th seed, a line each. */
async function work(
  { first, count }: SeedRange,
  share: string,
  options: SeedOptions,
  io: CommandIo,
): Promise<number> {
  const [index = 0, step = 1] = share.split('/').map(Number)
  if (!(step >= 1 && index >= 0 && index < step)) {
    throw new InputError({ field: '--share', message: `is "${share}"`, hint: 'expected INDEX/COUNT' })
  }
  const { fuzzSeed } = await import('../fuzz/fuzz-seed.ts')
  for (let seed = first + index; seed < first + count && !options.signal.aborted; seed += step) {
    const found = await fuzzSeed(seed, options)
    if (!options.signal.aborted) io.stdout.write(`${JSON.stringify(found)}\n`)
  }
  return EXIT.done
}

/** Runs all seeds, here or in processes of their own; those that were done when it was ended early. */
async function gather(
  range: SeedRange,
  workers: number,
  flags: FuzzFlags,
  options: SeedOptions,
  io: CommandIo,
): Promise<readonly FuzzedSeed[]> {
  const { stepsView } = await import('./progress.ts')
  const isShown = flags.quiet !== true && flags.json !== true
  const view = isShown ? stepsView(io) : { update: () => undefined, stop: () => undefined }
  const found: FuzzedSeed[] = []
  let failing = 0
  const take = (seed: FuzzedSeed): void => {
    found.push(seed)
    if (seed.failures.length > 0) failing += 1
    const text = failing === 0 ? 'seeds, no law broken' : `seeds, ${failing} of which break a law`
    view.update({ done: found.length - 1, total: range.count, text })
  }
  try {
    const count = Math.min(workers, range.count)
    if (io.program === undefined || count === 1) {
      const { fuzzSeed } = await import('../fuzz/fuzz-seed.ts')
      for (let seed = range.first; seed < range.first + range.count && !options.signal.aborted; seed++) {
        const one = await fuzzSeed(seed, options)
        if (!options.signal.aborted) take(one)
      }
    } else {
      const { fuzzApart } = await import('./fuzz-apart.ts')
      await fuzzApart({ range, workers: count, flags, signal: options.signal, take }, io.program)
    }
  } finally {
    view.stop()
  }
  return found.sort((one, other) => one.seed - other.seed)
}
