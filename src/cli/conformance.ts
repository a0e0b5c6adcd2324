import type { Command } from 'commander'

import type { FamilyResult } from '../run/conformance.ts'
import type { FamilyCoverage } from '../scheduler/conformance/coverage.ts'
import { wholeNumber } from './flag-number.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import type { QuietFlags } from './quiet-flag.ts'
import { QUIET } from './quiet-flag.ts'

interface ConformanceFlags extends QuietFlags {
  readonly out?: string
  readonly family?: string
  readonly id?: string
  readonly strict?: boolean
  readonly max: string
  readonly coverage?: boolean
  readonly json?: boolean
}

/** Registers `stowage conformance`. */
export function registerConformance(program: Command, io: CommandIo, exit: (status: number) => void): void {
  program
    .command('conformance')
    .description('run cases recorded from Kubernetes and compare')
    .argument('[file...]', 'cases, one a line (.jsonl or .jsonl.gz); all that come with stowage by default')
    .option('--out <file>', 'write the results, one a line, for another judge')
    .option('--family <name>', 'only cases of this family')
    .option('--id <id>', 'only this case')
    .option('--strict', 'texts that may differ must be equal, too')
    .option('--max <count>', 'differences shown for each family', '5')
    .option('--coverage', 'say what the cases hold, for the scheduler of each plugin, and run none')
    .option('--json', 'print the counts as JSON')
    .option(...QUIET)
    .addHelpText(
      'after',
      '\nExamples:\n  stowage conformance\n  stowage conformance taints.jsonl.gz\n  stowage conformance *.jsonl.gz --out actual.jsonl\n  stowage conformance job.jsonl.gz --id job/1-17 --strict\n  stowage conformance --coverage',
    )
    .action(async (files: readonly string[], flags: ConformanceFlags) => {
      const { coverageOf, recordedCases, runConformance } = await import('../run/conformance.ts')
      const cases = files.length === 0 ? recordedCases() : files
      if (flags.coverage === true) {
        const coverage = await coverageOf(cases)
        const json = flags.json === true
        const lines = json ? [coverageJson(coverage)] : flags.quiet === true ? [] : coverageLines(coverage)
        for (const line of lines) io.stdout.write(`${line}\n`)
        return
      }
      const families = await runConformance(cases, {
        ...(flags.out === undefined ? {} : { out: flags.out }),
        ...(flags.family === undefined ? {} : { family: flags.family }),
        ...(flags.id === undefined ? {} : { id: flags.id }),
        strict: flags.strict === true,
        differencesMax: wholeNumber('--max', flags.max),
      })
      if (flags.json === true) io.stdout.write(`${JSON.stringify(families, undefined, 2)}\n`)
      else if (flags.quiet !== true) for (const line of linesOf(families)) io.stdout.write(`${line}\n`)
      if (families.some(({ equal, total }) => equal < total)) exit(EXIT.conditionFailed)
    })
}

function linesOf(families: readonly FamilyResult[]): string[] {
  return families.flatMap(({ family, equal, total, differences, aspects }) => [
    `${equal === total ? 'ok  ' : 'DIFF'} ${family}: ${equal}/${total}${aspectText(aspects)}`,
    ...differences.flatMap(({ id, path, expected, actual }) => [
      `  ${id} ${path}`,
      `    expected ${expected}`,
      `    actual   ${actual}`,
    ]),
  ])
}

/** The parts of the results that differ, and those that may, with how many are equal. */
function aspectText(aspects: FamilyResult['aspects']): string {
  const differing = Object.entries(aspects).filter(([, { equal, total }]) => equal < total)
  if (differing.length === 0) return ''
  const texts = differing.map(
    ([name, { equal, total, loose }]) => `${name} ${equal}/${total}${loose ? ', which may differ' : ''}`,
  )
  return ` (${texts.join('; ')})`
}

/** A line a family, then a line a plugin over all families, if the cases tell of any. */
function coverageLines(families: readonly FamilyCoverage[]): string[] {
  const sums = new Map<string, number[]>()
  for (const { plugins } of families) {
    for (const { plugin, gated, preFilter, filter, score, postFilter } of plugins.values()) {
      const before = sums.get(plugin) ?? [0, 0, 0, 0, 0]
      sums.set(
        plugin,
        [gated, preFilter, filter, score, postFilter].map((one, i) => one + (before[i] ?? 0)),
      )
    }
  }
  const row = (name: string, cells: readonly (string | number)[]): string =>
    name.padEnd(34) + cells.map((cell) => String(cell).padStart(11)).join('')
  const ofFamilies = [
    row('family', ['cases', 'steps']),
    ...families.map(({ family, cases, steps }) => row(family, [cases, steps])),
  ]
  if (sums.size === 0) return ofFamilies
  return [
    ...ofFamilies,
    '',
    row('plugin', ['gated', 'prefilter', 'filter', 'score', 'postfilter']),
    ...[...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, cells]) => row(name, cells)),
  ]
}

function coverageJson(families: readonly FamilyCoverage[]): string {
  const plain = families.map(({ plugins, ...rest }) => ({ ...rest, plugins: [...plugins.values()] }))
  return JSON.stringify(plain, undefined, 2)
}
