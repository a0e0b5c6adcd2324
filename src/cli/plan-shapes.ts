import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { requireQuantity } from '../api/quantity.ts'
import { staticWorkload } from '../plan/packing/static-workload.ts'
import { chooseShapes } from '../plan/shapes/choose-shapes.ts'
import type { PricedShape } from '../plan/shapes/choose-shapes.ts'
import { ownCatalogue, readCatalogue } from '../plan/shapes/catalogue.ts'
import { devicesOfFile, devicesOfNodes } from '../plan/shapes/node-devices.ts'
import { requireDevices } from '../plan/shapes/mix-cell.ts'
import { findMix } from '../plan/shapes/find-mix.ts'
import type { MixAnswer, MixSearchSetting } from '../plan/shapes/find-mix.ts'
import { parseObjective } from '../plan/shapes/objective.ts'
import { planCsv, planJson } from '../plan/shapes/plan-tables.ts'
import { mixText } from '../plan/shapes/shape-mix.ts'
import type { SurvivalSettings } from '../plan/survive.ts'
import { loadSolver } from '../plan/solver.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { manifestJson } from '../report/manifest.ts'
import { writing } from '../report/output-error.ts'
import { writeOutput } from '../report/output-file.ts'
import { tableRows, writeTable } from '../report/write-table.ts'
import { buildNodes } from '../run/build-nodes.ts'
import { largestMachine } from '../run/open-traces.ts'
import { packageVersion } from '../run/package.ts'
import { ApiServer } from '../cluster/api-server.ts'
import { Simulation } from '../engine/simulation.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { commandWords } from './command-words.ts'
import { momentOf } from './moment-flag.ts'
import { countNumber, wholeNumber } from './flag-number.ts'
import { interruptible } from './interruptible.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'
import { planShapesText } from './plan-shapes-text.ts'
import { wordsView } from './progress.ts'
import { scenarioOf } from './run-flags.ts'
import type { ScenarioFlags } from './run-flags.ts'
import { refuseTakenDirectory } from './taken-directory.ts'

/** Flags of `stowage plan` that ask for shapes of nodes, as commander hands them over. */
export interface PlanShapesFlags extends ScenarioFlags {
  readonly shapes?: string
  readonly catalogue?: string
  readonly objective?: readonly string[]
  readonly family?: string
  readonly maxVcpu?: string
  readonly arch?: string
  readonly spot?: boolean
  readonly mix: string
  readonly maxNodes: string
  readonly maxPods?: string
  readonly reserved?: string
  readonly devices?: string
  readonly zones: string
  readonly allPods?: boolean
  readonly tries: string
  readonly verify: string
  readonly out?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/**
 * Finds the least count of a shape or the cheapest mix that meets the objectives, prints it with its evidence, and writes the tables.
 * Returns the exit status: 1 where nothing meets them.
 */
export async function planShapes(
  file: string | undefined,
  given: PlanShapesFlags,
  survival: Omit<SurvivalSettings, 'signal'>,
  io: CommandIo,
): Promise<number> {
  // Of the workload here, not of the end of a run.
  const { at, ...flags } = given
  const catalogue = readCatalogue(flags.catalogue ?? ownCatalogue())
  const shapes = chooseShapes(catalogue, {
    names: words(flags.shapes),
    families: words(flags.family),
    cpuMax: flags.maxVcpu === undefined ? undefined : countNumber('--max-vcpu', flags.maxVcpu),
    architecture: flags.arch,
    isSpot: flags.spot === true,
    podsMax: flags.maxPods === undefined ? undefined : countNumber('--max-pods', flags.maxPods),
  })
  const objectives = (flags.objective ?? ['all-scheduled']).map(parseObjective)
  const moment = momentOf(at, flags.allPods)
  const scenario = withMachine(scenarioOf(file, { ...flags, ...nodesFlag(file, flags, shapes) }))
  const numbers = {
    shapesMax: countNumber('--mix', flags.mix, 20),
    nodesMax: countNumber('--max-nodes', flags.maxNodes, 100_000),
    triesMax: wholeNumber('--tries', flags.tries),
    verified: wholeNumber('--verify', flags.verify),
    zones: countNumber('--zones', flags.zones, 26),
  }
  const reserved = reservedOf(flags.reserved)
  const givenDevices = flags.devices === undefined ? undefined : devicesOfFile(flags.devices)
  if (flags.out !== undefined) refuseTakenDirectory(flags.out, flags.force === true)
  return interruptible(async (signal) => {
    const workload = await staticWorkload(scenario, moment, signal)
    for (const warning of workload.warnings) io.stderr.write(`warning: ${warning}\n`)
    const devices = givenDevices ?? devicesOfNodes(workload)
    requireDevices({ scenario, workload, devices, reserved, zones: 1 }, shapes)
    const judging = { scenario, workload, devices, objectives, survival, reserved, signal }
    const solver = await loadSolver()
    const { stop, ...progress } = progressOf(flags, io)
    const answer = await findMix({ ...judging, ...numbers, shapes, solver, ...progress })
    stop?.()
    if (flags.out !== undefined) await write(flags.out, scenario, answer)
    if (flags.json === true) io.stdout.write(planJson(answer))
    else if (flags.quiet !== true) {
      io.stdout.write(
        planShapesText({ answer, workload, objectives, catalogue, ...numbers, shapes: shapes.length }),
      )
    }
    if (answer.interrupted) {
      io.stderr.write('interrupted: what is told was found by then\n')
      return EXIT.interrupted
    }
    return answer.best === undefined ? EXIT.conditionFailed : EXIT.done
  })
}

function words(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((word) => word.trim())
}

/** A share of a machine is one of the largest shape where no nodes are given. */
function nodesFlag(
  file: string | undefined,
  { nodes }: PlanShapesFlags,
  shapes: readonly PricedShape[],
): { readonly nodes?: string } {
  if (file !== undefined || nodes !== undefined) return {}
  const cpu = Math.max(...shapes.map((shape) => shape.cpu))
  const memory = Math.max(...shapes.map((shape) => shape.memory))
  return { nodes: `1x${cpu}m:${memory}` }
}

/** Fixes what normalised requests are shares of: it must not change with the nodes that are tried. */
function withMachine(scenario: Scenario): Scenario {
  const nodes = buildNodes(new ApiServer(new Simulation({ seed: scenario.seed }), []), scenario.nodes, [])
  const machine = largestMachine(nodes)
  return { ...scenario, workload: scenario.workload.map((source) => ({ machine, ...source })), failures: [] }
}

/** `cpu=100m,memory=500Mi`. */
function reservedOf(text: string | undefined): Readonly<Record<string, string>> | undefined {
  const pairs = words(text)?.map((pair) => {
    const { resource, amount } =
      /^(?<resource>cpu|memory|ephemeral-storage|pid)=(?<amount>.+)$/.exec(pair)?.groups ?? {}
    if (resource === undefined || amount === undefined) {
      throw new InputError({
        field: '--reserved',
        message: `"${pair}" is nothing to hold back`,
        hint: 'expected cpu=100m,memory=500Mi',
      })
    }
    if (requireQuantity(amount, '--reserved').nano < 0n) {
      throw new InputError({ field: '--reserved', message: `"${pair}" is below 0` })
    }
    return [resource, amount] as const
  })
  return pairs === undefined ? undefined : Object.fromEntries(pairs)
}

/** What is tried, how far that is, and what was tried last. */
function progressOf(
  { quiet }: PlanShapesFlags,
  io: CommandIo,
): Pick<MixSearchSetting, 'onTried' | 'onTrying'> & { readonly stop?: () => void } {
  if (quiet === true) return {}
  const view = wordsView(io)
  return {
    onTried: (tried, mix, holds) =>
      view.update(`${tried} tried: ${mixText(mix)} ${holds ? 'does' : 'does not do'}`),
    onTrying: (tried, mix, text) => view.update(`${tried} tried, now ${mixText(mix)}: ${text}`),
    stop: () => view.stop(),
  }
}

async function write(directory: string, scenario: Scenario, answer: MixAnswer): Promise<void> {
  const { tables } = scenario.report
  writing(directory, () => makeDirectory(path.resolve(directory)))
  const csv = planCsv(answer)
  await writeTable({ directory, name: 'plan.csv' }, csv, tables)
  writeOutput(path.join(directory, 'plan.json'), planJson(answer))
  const manifest = {
    command: commandWords(process.argv.slice(2)),
    seed: scenario.seed,
    versions: { stowage: packageVersion(), kubernetes: scenario.kubernetesVersion },
    digests: { scenario: scenario.digest },
    interrupted: answer.interrupted,
    warnings: [],
  }
  const rows = csv.split('\n').length - 2
  writeOutput(
    path.join(directory, 'manifest.json'),
    manifestJson(manifest, tableRows({ 'plan.csv': rows }, tables)),
  )
}
