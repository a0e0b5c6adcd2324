import type { Command } from 'commander'

import { wholeNumber } from './flag-number.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'

interface ConformanceFlags {
  readonly out?: string
  readonly family?: string
  readonly max: string
  readonly json?: boolean
}

/** Registers `stowage conformance`. */
export function registerConformance(program: Command, io: CommandIo, exit: (status: number) => void): void {
  program
    .command('conformance')
    .description('run recorded cases of the real kube-scheduler and compare')
    .argument('[file...]', 'cases, one a line (.jsonl or .jsonl.gz); all that come with stowage by default')
    .option('--out <file>', 'write the results, one a line, for another judge')
    .option('--family <name>', 'only cases of this family')
    .option('--max <count>', 'differences shown for each family', '5')
    .option('--json', 'print the counts as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  stowage conformance\n  stowage conformance taints.jsonl.gz\n  stowage conformance *.jsonl.gz --out actual.jsonl',
    )
    .action(async (files: readonly string[], flags: ConformanceFlags) => {
      const { recordedCases, runConformance } = await import('../run/conformance.ts')
      const families = await runConformance(files.length === 0 ? recordedCases() : files, {
        ...(flags.out === undefined ? {} : { out: flags.out }),
        ...(flags.family === undefined ? {} : { family: flags.family }),
        differencesMax: wholeNumber('--max', flags.max),
      })
      if (flags.json === true) io.stdout.write(`${JSON.stringify(families, undefined, 2)}\n`)
      else for (const line of linesOf(families)) io.stdout.write(`${line}\n`)
      if (families.some(({ equal, total }) => equal < total)) exit(EXIT.conditionFailed)
    })
}

function linesOf(
  families: readonly {
    readonly family: string
    readonly equal: number
    readonly total: number
    readonly differences: readonly {
      readonly id: string
      readonly path: string
      readonly expected: string
      readonly actual: string
    }[]
  }[],
): string[] {
  return families.flatMap(({ family, equal, total, differences }) => [
    `${equal === total ? 'ok  ' : 'DIFF'} ${family}: ${equal}/${total}`,
    ...differences.flatMap(({ id, path, expected, actual }) => [
      `  ${id} ${path}`,
      `    expected ${expected}`,
      `    actual   ${actual}`,
    ]),
  ])
}
