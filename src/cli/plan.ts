import path from 'node:path'

import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import { parseDuration } from '../base/time.ts'
import type { Survival, SurvivalSettings } from '../plan/survive.ts'
import { packageVersion } from '../run/package.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { commandWords } from './command-words.ts'
import { countNumber } from './flag-number.ts'
import { interrupted, interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { collect } from './repeated-flag.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { addScenarioOptions } from './run.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

interface PlanFlags extends ScenarioFlags {
  readonly survive?: readonly string[]
  readonly horizon?: string
  readonly minAvailable?: string
  readonly tries: string
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

const EXAMPLES = `
Examples:
  stowage plan scenario.yaml --survive zone
  stowage plan scenario.yaml --survive zone --survive node:2 --min-available 50% --out results/survive
  stowage plan scenario.yaml --survive example.com/cell --at 1h --horizon 30m --json`

/** Registers `stowage plan`. */
export function registerPlan(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addScenarioOptions(
    program
      .command('plan')
      .description('ask of a cluster what it survives: which workloads break when nodes are lost, and why')
      .argument('[scenario]', 'scenario file (YAML); without it --trace and --nodes say what to look at'),
  )
    .option(
      '--survive <loss>',
      'zone, rack, region, node, or the key of a label of nodes; with :COUNT so many at once; may be given again',
      collect,
    )
    .option('--at <time>', 'when the nodes are lost (default: when the cluster is at rest)')
    .option(
      '--horizon <time>',
      'how long after that all is to be whole again (default: 15m, or as long as it takes to empty all lost nodes)',
    )
    .option(
      '--min-available <replicas>',
      'replicas of each workload to be ready at any time, 2 or 50%, where no budget says it (default: 1)',
    )
    .option('--tries <count>', 'losses that are tried at most, the worst ones first', '100')
    .option('--out <dir>', 'write survive.csv and survive.json there')
    .option('--force', 'replace what is in that directory')
    .option('--json', 'print the answer as JSON')
    .option('--quiet', 'print nothing')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: PlanFlags) => {
      exit(await plan(file, flags, io))
    })
}

async function plan(file: string | undefined, given: PlanFlags, io: CommandIo): Promise<number> {
  // Of the loss here, not of the end of a run.
  const { at, ...flags } = given
  const { scenarioOf } = await import('./run-flags.ts')
  const { survivalQuestion } = await import('../plan/survival-question.ts')
  const { minAvailable } = await import('../plan/replicated-workloads.ts')
  const { survive, survivesAll } = await import('../plan/survive.ts')
  const questions = (flags.survive ?? []).map(survivalQuestion)
  if (questions.length === 0) {
    throw new InputError({
      message: 'there is nothing to plan',
      hint: 'give --survive zone, or --survive node:2',
    })
  }
  const settings = {
    at: at === undefined ? undefined : parseDuration(at, '--at'),
    horizon: flags.horizon === undefined ? undefined : parseDuration(flags.horizon, '--horizon'),
    minAvailable:
      flags.minAvailable === undefined ? undefined : minAvailable(flags.minAvailable, '--min-available'),
    triesMax: countNumber('--tries', flags.tries),
  }
  const scenario = scenarioOf(file, flags)
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  if (scenario.failures.length > 0) io.stderr.write('warning: failures of the scenario are left out\n')
  return interruptible(async (signal) => {
    const survivals: Survival[] = []
    for (const question of questions) {
      const onTried = progressOf(question.text, flags, io)
      survivals.push(await survive(scenario, question, { ...settings, signal, ...onTried }))
    }
    if (signal.aborted) return interrupted(io)
    if (flags.out !== undefined) await write(flags.out, scenario, survivals)
    await tell(survivals, flags, io)
    return survivals.every(survivesAll) ? EXIT.done : EXIT.conditionFailed
  })
}

/** One line on a terminal that says how far it is. */
function progressOf(text: string, flags: PlanFlags, io: CommandIo): Pick<SurvivalSettings, 'onTried'> {
  if (!io.isTerminal || flags.quiet === true) return {}
  return {
    onTried: (done, all) =>
      io.stderr.write(`\r${text}: ${done} of ${all} losses tried${done === all ? '\n' : ''}`),
  }
}

async function write(directory: string, scenario: Scenario, survivals: readonly Survival[]): Promise<void> {
  const { csvText } = await import('../report/csv.ts')
  const { makeDirectory } = await import('../report/make-directory.ts')
  const { manifestJson } = await import('../report/manifest.ts')
  const { writing } = await import('../report/output-error.ts')
  const { writeOutput } = await import('../report/output-file.ts')
  const { SURVIVAL_COLUMNS, survivalJson, survivalRows } = await import('../plan/survival-tables.ts')
  writing(directory, () => makeDirectory(path.resolve(directory)))
  const rows = survivalRows(survivals)
  writeOutput(path.join(directory, 'survive.csv'), csvText([[...SURVIVAL_COLUMNS], ...rows]))
  writeOutput(path.join(directory, 'survive.json'), survivalJson(survivals))
  const manifest = {
    command: commandWords(process.argv.slice(2)),
    seed: scenario.seed,
    versions: { stowage: packageVersion(), kubernetes: scenario.kubernetesVersion },
    digests: { scenario: scenario.digest },
    interrupted: false,
    warnings: [],
  }
  writeOutput(path.join(directory, 'manifest.json'), manifestJson(manifest, { 'survive.csv': rows.length }))
}

async function tell(survivals: readonly Survival[], flags: PlanFlags, io: CommandIo): Promise<void> {
  if (flags.json === true) {
    const { survivalJson } = await import('../plan/survival-tables.ts')
    io.stdout.write(survivalJson(survivals))
  } else if (flags.quiet !== true) {
    const { survivalText } = await import('./survival-text.ts')
    for (const survival of survivals) io.stdout.write(survivalText(survival))
  }
}
