import type { Command } from 'commander'

import type { CommandIo } from './io.ts'
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
    .addHelpText(
      'after',
      '\nExamples:\n  stowage validate scenario.yaml\n  stowage validate scenario.yaml --set spec.seed=7',
    )
    .action(async (file: string | undefined, flags: ScenarioFlags & { json?: boolean }) => {
      const { scenarioOf } = await import('./run-flags.ts')
      const { checkScenario } = await import('../run/check.ts')
      const scenario = scenarioOf(file, flags)
      const { nodes, warnings } = await checkScenario(scenario)
      if (flags.json === true) {
        io.stdout.write(
          `${JSON.stringify({ valid: true, name: scenario.name, nodes, warnings }, undefined, 2)}\n`,
        )
        return
      }
      for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`)
      io.stdout.write(
        `${file ?? 'the command line'}: valid, ${nodes} nodes, ${scenario.workload.length} traces\n`,
      )
    })
}
