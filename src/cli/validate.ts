import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import type { ScenarioCheck } from '../run/check.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { CommandIo } from './io.ts'
import type { QuietFlags } from './quiet-flag.ts'
import { QUIET } from './quiet-flag.ts'
import { addScenarioOptions } from './run.ts'
import type { ScenarioFlags } from './run-flags.ts'

/** Registers `stowage validate`. */
export function registerValidate(program: Command, io: CommandIo): void {
  addScenarioOptions(
    program
      .command('validate')
      .description('check a scenario and its files without running it')
      .argument('[scenario]', 'scenario file (YAML)'),
  )
    .option('--json', 'print the result as JSON')
    .option(...QUIET)
    .addHelpText(
      'after',
      '\nExamples:\n  stowage validate scenario.yaml\n  stowage validate scenario.yaml --set spec.seed=7',
    )
    .action(async (file: string | undefined, flags: ScenarioFlags & QuietFlags & { json?: boolean }) => {
      const print = (result: object): void => {
        if (flags.json === true) io.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
      }
      const { scenario, nodes, objects, warnings } = await check(file, flags).catch((error: unknown) => {
        if (error instanceof InputError) print({ valid: false, problems: error.problems })
        throw error
      })
      const counts = {
        nodes,
        traces: scenario.workload.length,
        objects,
        actions: scenario.actions.length,
        failures: scenario.failures.length,
      }
      print({ valid: true, name: scenario.name, ...counts, warnings })
      if (flags.json === true) return
      for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`)
      if (flags.quiet === true) return
      const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
      io.stdout.write(`${file ?? 'the command line'}: valid, ${told.join(', ')}\n`)
    })
}

async function check(
  file: string | undefined,
  flags: ScenarioFlags,
): Promise<ScenarioCheck & { readonly scenario: Scenario }> {
  const { scenarioOf } = await import('./run-flags.ts')
  const { checkScenario } = await import('../run/check.ts')
  const scenario = scenarioOf(file, flags)
  return { scenario, ...(await checkScenario(scenario)) }
}
