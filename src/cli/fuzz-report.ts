import { mkdirSync } from 'node:fs'
import path from 'node:path'

import { formatDuration } from '../base/time.ts'
import { rawScenario, traceName, traceText } from '../fuzz/fuzz-case.ts'
import { HANGS, shrinkSeed } from '../fuzz/fuzz-seed.ts'
import type { FuzzedSeed, SeedOptions } from '../fuzz/fuzz-seed.ts'
import type { FuzzCase } from '../fuzz/fuzz-case.ts'
import type { PassFailure } from '../fuzz/check-case.ts'
import { randomCase } from '../fuzz/random-case.ts'
import { writeOutput } from '../report/output-file.ts'
import { yamlText } from '../scenario/yaml-file.ts'
import type { FuzzFlags } from './fuzz.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'

/** Failing seeds that are made smaller, each of another law: a search takes seconds to minutes. */
const SHRUNK_MAX = 5

/** A failing seed as it is told of. */
interface ToldSeed {
  readonly seed: number
  readonly pass: string
  readonly law: string
  /** Seconds since the start of its run. */
  readonly at: number
  readonly message: string
  /** Where its scenario was written. */
  readonly scenario?: string
}

/** Tells what seeds came to, with a small scenario for each law that was broken; the exit status. */
export async function reportSeeds(
  found: readonly FuzzedSeed[],
  options: SeedOptions,
  flags: FuzzFlags,
  io: CommandIo,
): Promise<number> {
  const failing = found.filter(({ failures }) => failures.length > 0)
  const told: ToldSeed[] = []
  const laws = new Set<string>()
  for (const { seed, failures } of failing) {
    const failure = failures[0] as PassFailure
    const one = toldSeed(seed, failure)
    const isNew = !laws.has(one.law) && laws.size < SHRUNK_MAX
    laws.add(one.law)
    if (isPrinted(flags)) io.stdout.write(`${seedText(one)}\n`)
    told.push(isNew ? { ...one, ...(await smallest(one, failure, options, flags, io)) } : one)
  }
  tellSums(found, told, flags, io)
  return failing.length > 0 ? EXIT.conditionFailed : EXIT.done
}

/** What is wrong first, in a line. */
function seedText({ seed, pass, law, at, message }: ToldSeed): string {
  return `seed ${seed}, ${pass}: ${law} at ${formatDuration(Math.round(at * 1e6))}: ${message}`
}

function isPrinted({ json }: FuzzFlags): boolean {
  return json !== true
}

function toldSeed(seed: number, { pass, violations }: PassFailure): ToldSeed {
  const [first] = violations
  return { seed, pass, law: first?.law ?? '', at: (first?.at ?? 0) / 1e6, message: first?.message ?? '' }
}

/** Writes the smallest scenario that breaks the law, and prints it. */
async function smallest(
  { seed, law }: ToldSeed,
  failure: PassFailure,
  options: SeedOptions,
  flags: FuzzFlags,
  io: CommandIo,
): Promise<{ readonly scenario: string }> {
  // A search would hang in the first candidate that hangs.
  const isShrunk = flags.shrink && law !== HANGS && !options.signal.aborted
  const { fuzzCase, tries } = isShrunk
    ? await shrinkSeed(seed, failure, options)
    : { fuzzCase: randomCase(seed), tries: 0 }
  const file = writeCase(fuzzCase, flags.out)
  if (isPrinted(flags)) {
    const { nodes, objects, actions, failures, tasks } = fuzzCase
    const sizes = [
      `${nodes.length} node templates, ${objects.length} objects, ${tasks.length} tasks`,
      `${actions.length} actions, ${failures.length} faults`,
    ]
    io.stdout.write(`  ${tries} tries left ${sizes.join(', ')}: stowage fuzz --scenario ${file}\n\n`)
    if (isShrunk) io.stdout.write(`${yamlText(rawScenario(fuzzCase, traceName(fuzzCase)))}\n`)
  }
  return { scenario: file }
}

function writeCase(fuzzCase: FuzzCase, directory: string): string {
  mkdirSync(directory, { recursive: true })
  const file = path.join(directory, `${fuzzCase.name}.yaml`)
  writeOutput(file, yamlText(rawScenario(fuzzCase, traceName(fuzzCase))))
  if (fuzzCase.tasks.length > 0)
    writeOutput(path.join(directory, traceName(fuzzCase)), traceText(fuzzCase.tasks))
  return file
}

function tellSums(
  found: readonly FuzzedSeed[],
  told: readonly ToldSeed[],
  flags: FuzzFlags,
  io: CommandIo,
): void {
  const runs = found.reduce((sum, seed) => sum + seed.runs, 0)
  const events = found.reduce((sum, seed) => sum + seed.events, 0)
  if (flags.json === true) {
    io.stdout.write(
      `${JSON.stringify({ seeds: found.length, runs, events, failures: told }, undefined, 2)}\n`,
    )
    return
  }
  if (flags.quiet === true && told.length === 0) return
  const outcome = told.length === 0 ? 'no law broken' : `${told.length} seeds break a law`
  const [seeds, allRuns, allEvents] = [found.length, runs, events].map((count) => count.toLocaleString('en'))
  io.stdout.write(`${seeds} seeds, ${allRuns} runs, ${allEvents} events: ${outcome}\n`)
}
