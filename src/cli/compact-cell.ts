import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { nearestWord } from '../base/nearest-word.ts'
import { compactionsOf } from '../plan/compaction/compaction.ts'
import { policiesCsv, trialsCsv } from '../plan/compaction/compaction-tables.ts'
import { clonedCell } from '../plan/compaction/removal-order.ts'
import { runTrials } from '../plan/compaction/trial-threads.ts'
import { CONFIGURED, pickyPods, scenarioOfPolicy, withoutPending } from '../plan/compaction/trial.ts'
import type { TrialCell, TrialResult } from '../plan/compaction/trial.ts'
import { packingProblem } from '../plan/packing/asks.ts'
import type { PackingProblem } from '../plan/packing/asks.ts'
import { machineBound, resourceBound } from '../plan/packing/lower-bound.ts'
import { OPTIMUM_GROUPS_MAX, OPTIMUM_MACHINES_MAX, isSmall, optimum } from '../plan/packing/optimum.ts'
import { inOrder } from '../plan/packing/pod-order.ts'
import type { PodOrder } from '../plan/packing/pod-order.ts'
import { packPods } from '../plan/packing/pack-pods.ts'
import { withSharedDevices } from '../plan/packing/shared-devices.ts'
import { staticWorkload } from '../plan/packing/static-workload.ts'
import { loadSolver } from '../plan/solver.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { manifestJson } from '../report/manifest.ts'
import { writing } from '../report/output-error.ts'
import { writeOutput } from '../report/output-file.ts'
import { tableRows, writeTable } from '../report/write-table.ts'
import { packageVersion } from '../run/package.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { SCHEDULING_POLICIES } from '../scenario/scheduling-policies.ts'
import { commandWords } from './command-words.ts'
import { compactText } from './compact-text.ts'
import type { CompactAnswer } from './compact-text.ts'
import { countNumber, wholeNumber } from './flag-number.ts'
import { momentOf } from './moment-flag.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { stepsView } from './progress.ts'
import { scenarioInputOf } from './run-flags.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { workersOf } from './sweep-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

/** Flags of `stowage compact`, as commander hands them over. */
export interface CompactFlags extends ScenarioFlags {
  readonly order: PodOrder
  readonly allPods?: boolean
  readonly policies?: string
  readonly trials: string
  readonly pending: string
  readonly picky: string
  readonly verify: string
  readonly copies: string
  readonly optimal?: boolean
  readonly workers?: string
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Nodes of the search tree for the optimum: enough for what is small, and the same everywhere. */
const OPTIMUM_NODES = 20_000

/** Compacts the cell of a scenario, prints what its policies need and writes the tables; returns the exit status. */
export async function compactCell(
  file: string | undefined,
  given: CompactFlags,
  io: CommandIo,
): Promise<number> {
  // Of the workload here, not of the end of a run.
  const { at, ...flags } = given
  const policies = policiesOf(flags)
  const moment = momentOf(at, flags.allPods)
  const numbers = {
    trials: countNumber('--trials', flags.trials, 10_000),
    share: shareOf(flags.pending),
    machinesMax: wholeNumber('--picky', flags.picky),
    verified: wholeNumber('--verify', flags.verify),
    copiesMax: countNumber('--copies', flags.copies, 1000),
  }
  const input = scenarioInputOf(file, flags)
  const own = {
    file: input.file,
    raw: input.raw,
    overrides: input.overrides,
    flags: [...(input.flags ?? [])],
  }
  const scenarios = policies.map((policy) => scenarioOfPolicy(own, policy))
  const [scenario] = scenarios
  if (scenario === undefined) throw new InputError({ field: '--policies', message: 'there are none' })
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  return interruptible(async (signal) => {
    const workload = inOrder(await staticWorkload(scenario, moment, signal), flags.order)
    for (const warning of workload.warnings) io.stderr.write(`warning: ${warning}\n`)
    const problem = packingProblem(workload, workload.nodes)
    const picky = pickyPods(problem, workload, numbers)
    const cell = { ...own, workload, seed: scenario.seed, ...picky, verified: numbers.verified }
    const copies = await copiesOf(cell, scenarios, numbers.copiesMax, signal)
    if (signal.aborted) return tellNothing(io)
    const whole = { ...cell, ...clonedCell(workload, copies) }
    const placeable = withSharedDevices(withoutPending(packingProblem(whole.workload, whole.nodes), cell))
    if (flags.optimal === true) requireSmall(placeable)
    const units = Array.from({ length: numbers.trials }, (_, index) =>
      policies.map((policy) => ({ policy, trial: index + 1 })),
    ).flat()
    const view = flags.quiet === true ? undefined : stepsView(io)
    const setting = { workers: workersOf(flags), program: io.program?.at(-1), signal }
    view?.update({ done: 0, total: units.length, text: 'trials' })
    const results = await runTrials(whole, units, {
      ...setting,
      onDone: ({ policy, trial }, done, { machines }) => {
        const text = `${policy}, trial ${trial}: ${machines ?? 'too few'} machines`
        if (done < units.length) view?.update({ done, total: units.length, text })
      },
    })
    view?.stop()
    const finished = results.filter((result): result is TrialResult => result !== undefined)
    const answer: CompactAnswer = {
      ...(await provenOf(placeable, flags.optimal === true)),
      pods: workload.pods.length,
      order: flags.order,
      at: workload.at,
      machines: workload.nodes.length,
      copies,
      pendingMax: picky.pendingMax,
      picky: picky.picky.length,
      policies: compactionsOf(policies, finished),
      trials: finished,
    }
    if (flags.out !== undefined) await write(flags.out, { scenario, answer, interrupted: signal.aborted })
    tell(answer, flags, io)
    if (!signal.aborted) return EXIT.done
    io.stderr.write('interrupted: what is told is of the trials that were done by then\n')
    return EXIT.interrupted
  })
}

function tellNothing(io: CommandIo): number {
  io.stderr.write('interrupted before the first trial\n')
  return EXIT.interrupted
}

function policiesOf({ policies, policy }: CompactFlags): readonly string[] {
  if (policies === undefined) return [CONFIGURED]
  if (policy !== undefined) {
    throw new InputError({ field: '--policy', message: 'is there beside --policies', hint: 'name it there' })
  }
  const names = policies.split(',').map((name) => name.trim())
  const known = [CONFIGURED, ...Object.keys(SCHEDULING_POLICIES)]
  const wrong = names.find((name) => !known.includes(name))
  if (wrong !== undefined) {
    const near = nearestWord(wrong, known)
    throw new InputError({
      field: '--policies',
      message: `"${wrong}" is no policy`,
      hint: `${near === undefined ? '' : `did you mean ${near}? `}expected some of ${known.join(', ')}`,
    })
  }
  if (new Set(names).size === names.length) return names
  throw new InputError({ field: '--policies', message: 'has a policy twice' })
}

/** `0.2%` or `0.002`. */
function shareOf(text: string): number {
  const { number = '', percent } = /^(?<number>\d+(?:\.\d+)?)(?<percent>%)?$/.exec(text)?.groups ?? {}
  const share = Number(number) / (percent === undefined ? 1 : 100)
  if (number !== '' && share <= 1) return share
  throw new InputError({
    field: '--pending',
    message: `"${text}" is no share`,
    hint: 'expected 0, 0.002 or 0.2%',
  })
}

/**
 * How often the cell is there so that each policy packs the workload on all of it: Borg's evaluation clones cells that are too small. Throws
 * `InputError` where that does not help.
 */
async function copiesOf(
  cell: Omit<TrialCell, 'nodes'>,
  scenarios: readonly Scenario[],
  copiesMax: number,
  signal: AbortSignal,
): Promise<number> {
  const { picky, pendingMax, seed } = cell
  const mayPend = new Set(picky)
  let message = ''
  for (let copies = 1; copies <= copiesMax; copies++) {
    const { nodes, workload } = clonedCell(cell.workload, copies)
    const counted = resourceBound(withSharedDevices(packingProblem(workload, nodes)))
    if (!Number.isFinite(counted.machines) && pendingMax === 0) continue
    let fit = 0
    for (const scenario of scenarios) {
      const packing = await packPods({ scenario, workload, seed, mayPend, pendingMax, signal }, nodes)
      if (packing === undefined) return copies
      if (!packing.fits) message = `${workload.pods[packing.pending[0] ?? 0]?.name ?? ''}: ${packing.message}`
      if (!packing.fits) break
      fit += 1
    }
    if (fit === scenarios.length) return copies
  }
  throw new InputError({
    message: `the workload does not fit on ${copiesMax} copies of the cell${message === '' ? '' : `: ${message}`}`,
    hint: 'give larger or more nodes, or let it be cloned more often with --copies',
  })
}

function requireSmall(problem: PackingProblem): void {
  if (isSmall(problem)) return
  throw new InputError({
    field: '--optimal',
    message: 'the cell is too large',
    hint: `at most ${OPTIMUM_MACHINES_MAX} machines and ${OPTIMUM_GROUPS_MAX} kinds of pods`,
  })
}

/** What is proven of the cell, whatever the order of removal and whichever pods are pending. */
async function provenOf(
  placeable: PackingProblem,
  wantsOptimum: boolean,
): Promise<Pick<CompactAnswer, 'bound' | 'optimum'>> {
  const solver = await loadSolver()
  const bound = machineBound(placeable, solver)
  if (!wantsOptimum) return { bound, optimum: undefined }
  const costs = placeable.machines.map(() => 1)
  return { bound, optimum: optimum(placeable, costs, { solver, nodesMax: OPTIMUM_NODES }) }
}

async function write(
  directory: string,
  { scenario, answer, interrupted }: { scenario: Scenario; answer: CompactAnswer; interrupted: boolean },
): Promise<void> {
  const { tables } = scenario.report
  writing(directory, () => makeDirectory(path.resolve(directory)))
  await writeTable({ directory, name: 'compaction.csv' }, trialsCsv(answer.trials, answer), tables)
  await writeTable({ directory, name: 'policies.csv' }, policiesCsv(answer.policies, answer), tables)
  writeOutput(path.join(directory, 'compaction.json'), `${JSON.stringify(answer, undefined, 2)}\n`)
  const manifest = {
    command: commandWords(process.argv.slice(2)),
    seed: scenario.seed,
    versions: { stowage: packageVersion(), kubernetes: scenario.kubernetesVersion },
    digests: { scenario: scenario.digest },
    interrupted,
    warnings: [],
  }
  const rows = { 'compaction.csv': answer.trials.length, 'policies.csv': answer.policies.length }
  writeOutput(path.join(directory, 'manifest.json'), manifestJson(manifest, tableRows(rows, tables)))
}

function tell(answer: CompactAnswer, { json, quiet }: CompactFlags, io: CommandIo): void {
  if (json === true) io.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
  else if (quiet !== true) io.stdout.write(compactText(answer))
}
