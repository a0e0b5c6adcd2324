import path from 'node:path'

import { Option } from 'commander'
import type { Command } from 'commander'

import { InputError } from '../base/errors.ts'
import { formatDuration, parseDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { Survival, SurvivalSettings } from '../plan/survive.ts'
import { packageVersion } from '../run/package.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { commandWords } from './command-words.ts'
import { countNumber } from './flag-number.ts'
import { interrupted, interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { collect } from './repeated-flag.ts'
import type { PlanShapesFlags } from './plan-shapes.ts'
import { QUIET } from './quiet-flag.ts'
import { addScenarioOptions } from './run.ts'
import { addTableOptions } from './table-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

interface PlanFlags extends PlanShapesFlags {
  readonly survive?: readonly string[]
  readonly horizon?: string
  readonly minAvailable?: string
  readonly jobs: string
  readonly share?: string
  readonly all?: boolean
}

const EXAMPLES = `
Examples:
  stowage plan scenario.yaml --survive zone
  stowage plan scenario.yaml --survive zone --survive node:2 --min-available 50% --out results/survive
  stowage plan scenario.yaml --survive example.com/cell --at 1h --horizon 30m --json
  stowage plan scenario.yaml --shapes m5.large,m5.xlarge
  stowage plan scenario.yaml --family m5,c5,r5 --mix 2 --objective all-scheduled --objective survive:zone
  stowage plan --trace tasks.csv --catalogue aws-ec2.csv --arch amd64 --objective 'p99-pending<60s'`

/** Registers `stowage plan`. */
export function registerPlan(program: Command, io: CommandIo, exit: (status: number) => void): void {
  addTableOptions(
    addScenarioOptions(
      program
        .command('plan')
        .description(
          'ask what a cluster survives, or which instance shapes a workload needs: the least count or the cheapest mix, with the evidence',
        )
        .argument('[scenario]', 'scenario file (YAML); without it --trace and --nodes say what to look at'),
    ),
  )
    .option(
      '--survive <loss>',
      'zone, rack, region, node, or the key of a label of nodes; with :COUNT so many at once; may be given again',
      collect,
    )
    .option(
      '--at <time>',
      'when the nodes are lost (default: when the cluster is at rest); for shapes, whose pods are to be scheduled (default: when they request most)',
    )
    .option(
      '--horizon <time>',
      'how long after that all is to be whole again (default: 15m, or as long as it takes to empty all lost nodes)',
    )
    .option(
      '--min-available <replicas>',
      'replicas of each workload to be ready at any time, 2 or 50%, where no budget says it (default: 1)',
    )
    .option('--jobs <count>', 'processes that share the losses; each takes the memory of a run', '1')
    .addOption(new Option('--share <index/count>', 'try a share of the losses, for --jobs').hideHelp())
    .option(
      '--tries <count>',
      'losses that are tried at most, the worst ones first; simulations at most that look for a cheaper mix',
      '100',
    )
    .option(
      '--shapes <names>',
      'instance shapes to look at, such as m5.large,m5.xlarge (default: all of the catalogue)',
    )
    .option(
      '--catalogue <file>',
      'instance types with prices (CSV): EC2, Azure, GCE, KWOK or own (default: a small one of ours)',
    )
    .option(
      '--objective <what>',
      'all-scheduled (default), p99-pending<60s, or survive:zone; may be given again, then all are to hold',
      collect,
    )
    .option('--mix <count>', 'different shapes in the answer at most', '1')
    .option('--family <names>', 'only shapes of these families, such as m5,c5')
    .option('--max-vcpu <count>', 'only shapes with so many virtual processors at most')
    .addOption(new Option('--arch <name>', 'only shapes of this architecture').choices(['amd64', 'arm64']))
    .option('--spot', 'pay spot prices, where the catalogue has them')
    .option('--zones <count>', 'zones that the nodes are spread over', '3')
    .option(
      '--reserved <amounts>',
      'held back on each node, such as cpu=100m,memory=500Mi (default: nothing)',
    )
    .option(
      '--devices <file>',
      'ResourceSlices that nodes of shapes have, by spec.nodeSelector (default: those of a node of the scenario of that instance type)',
    )
    .option('--max-pods <count>', 'pods of each node at most (default: what the catalogue says, or 110)')
    .option('--max-nodes <count>', 'nodes that are tried at most', '1000')
    .option('--all-pods', 'all-scheduled means all pods of the traces at once, whenever they come')
    .option('--verify <count>', 'numbers of nodes above each answer that are tried besides', '2')
    .option('--out <dir>', 'write survive.csv and survive.json, or plan.csv and plan.json, there')
    .option('--force', 'replace what is in that directory')
    .option('--all', 'print what each loss does, not only the ten worst in which something breaks or dips')
    .option('--json', 'print the answer as JSON')
    .option(...QUIET)
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
  const { survivesAll } = await import('../plan/survive.ts')
  const questions = (flags.survive ?? []).map(survivalQuestion)
  const { shapes, catalogue, objective, family, maxVcpu, arch, spot, devices } = given
  const asksForShapes = [shapes, catalogue, objective, family, maxVcpu, arch, spot, devices].some(
    (flag) => flag !== undefined,
  )
  if (asksForShapes) {
    if (questions.length > 0) {
      throw new InputError({
        field: '--survive',
        message: 'is not for shapes',
        hint: 'say --objective survive:zone',
      })
    }
    const { planShapes } = await import('./plan-shapes.ts')
    return planShapes(file, given, await settingsOf(flags, undefined), io)
  }
  if (questions.length === 0) {
    throw new InputError({
      message: 'there is nothing to plan',
      hint: 'give --survive zone, --survive node:2, or --shapes m5.large',
    })
  }
  const settings = await settingsOf(flags, at)
  const jobs = countNumber('--jobs', flags.jobs, 256)
  const scenario = scenarioOf(file, flags)
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  if (scenario.failures.length > 0) io.stderr.write('warning: failures of the scenario are left out\n')
  warnOfLateLoss(scenario, settings.at, io)
  return interruptible(async (signal) => {
    const survivals: Survival[] = []
    for (const { text } of questions) {
      const answer = await answerTo(text, scenario, { settings, jobs, signal, flags }, io)
      if (answer !== undefined) survivals.push(answer)
    }
    if (signal.aborted) return interrupted(io)
    if (flags.share !== undefined) {
      io.stdout.write(JSON.stringify(survivals[0]))
      return EXIT.done
    }
    warnOfFewReplicas(survivals, settings.minAvailable, io)
    if (flags.out !== undefined) await write(flags.out, scenario, survivals)
    await tell(survivals, flags, io)
    return survivals.every(survivesAll) ? EXIT.done : EXIT.conditionFailed
  })
}

/** Nodes that are lost after the end of the scenario's run: nobody has seen the cluster then. */
function warnOfLateLoss({ until }: Scenario, at: Micros | undefined, io: CommandIo): void {
  if (at === undefined || until === undefined || at <= until) return
  const [loss, end] = [at, until].map(formatDuration)
  io.stderr.write(`warning: --at: ${loss} is after spec.until, ${end}: the run is played on until then\n`)
}

/** A number of replicas that some workloads do not have. */
function warnOfFewReplicas(
  survivals: readonly Survival[],
  wanted: SurvivalSettings['minAvailable'],
  io: CommandIo,
): void {
  if (typeof wanted !== 'number') return
  const few = survivals
    .flatMap(({ outcomes }) => outcomes.flatMap(({ workloads }) => workloads))
    .filter(({ wantedBy, replicas }) => wantedBy === 'flag' && replicas < wanted)
    .map(({ key, replicas }) => `${key} has ${replicas}`)
  const [first, ...others] = new Set(few)
  if (first === undefined) return
  const rest = others.length === 0 ? '' : `, and ${others.length} more have fewer, too`
  io.stderr.write(`warning: --min-available: is ${wanted}, and ${first}${rest}: all of these are wanted\n`)
}

/** What the flags say of how questions are answered. */
async function settingsOf(
  flags: PlanFlags,
  at: string | undefined,
): Promise<Omit<SurvivalSettings, 'signal'>> {
  const { minAvailable } = await import('../plan/replicated-workloads.ts')
  return {
    at: at === undefined ? undefined : parseDuration(at, '--at'),
    horizon: flags.horizon === undefined ? undefined : parseDuration(flags.horizon, '--horizon'),
    minAvailable:
      flags.minAvailable === undefined ? undefined : minAvailable(flags.minAvailable, '--min-available'),
    triesMax: countNumber('--tries', flags.tries),
    ...shareOf(flags.share),
  }
}

/** Answers a question in this process, or shares it out; undefined when it was interrupted. */
async function answerTo(
  question: string,
  scenario: Scenario,
  how: {
    readonly settings: Omit<SurvivalSettings, 'signal'>
    readonly jobs: number
    readonly signal: AbortSignal
    readonly flags: PlanFlags
  },
  io: CommandIo,
): Promise<Survival | undefined> {
  const { settings, jobs, signal, flags } = how
  if (jobs > 1 && io.program !== undefined) {
    const { surviveApart } = await import('./survive-apart.ts')
    return surviveApart(question, jobs, io.program, signal)
  }
  const { survive } = await import('../plan/survive.ts')
  const { survivalQuestion } = await import('../plan/survival-question.ts')
  const onTried = progressOf(question, flags, io)
  return survive(scenario, survivalQuestion(question), { ...settings, signal, ...onTried })
}

/** `1/4`: the second of four shares. */
function shareOf(text: string | undefined): Pick<SurvivalSettings, 'share'> {
  if (text === undefined) return {}
  const [index = 0, count = 1] = text.split('/').map(Number)
  return { share: { index, count } }
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
  const { tableRows, writeTable } = await import('../report/write-table.ts')
  const { SURVIVAL_COLUMNS, survivalJson, survivalRows } = await import('../plan/survival-tables.ts')
  writing(directory, () => makeDirectory(path.resolve(directory)))
  const { tables } = scenario.report
  const rows = survivalRows(survivals)
  const csv = csvText([[...SURVIVAL_COLUMNS], ...rows])
  await writeTable({ directory, name: 'survive.csv' }, csv, tables)
  writeOutput(path.join(directory, 'survive.json'), survivalJson(survivals))
  const manifest = {
    command: commandWords(process.argv.slice(2)),
    seed: scenario.seed,
    versions: { stowage: packageVersion(), kubernetes: scenario.kubernetesVersion },
    digests: { scenario: scenario.digest },
    interrupted: false,
    warnings: [],
  }
  writeOutput(
    path.join(directory, 'manifest.json'),
    manifestJson(manifest, tableRows({ 'survive.csv': rows.length }, tables)),
  )
}

async function tell(survivals: readonly Survival[], flags: PlanFlags, io: CommandIo): Promise<void> {
  if (flags.json === true) {
    const { survivalJson } = await import('../plan/survival-tables.ts')
    io.stdout.write(survivalJson(survivals))
  } else if (flags.quiet !== true) {
    const { survivalText } = await import('./survival-text.ts')
    for (const survival of survivals) io.stdout.write(survivalText(survival, flags.all === true))
  }
}
