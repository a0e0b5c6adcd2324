import { InputError } from '../../base/errors.ts'
import type { Node } from '../../api/types.generated.ts'
import { loadScenario } from '../../scenario/load.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import { packingProblem } from '../packing/asks.ts'
import type { PackingProblem } from '../packing/asks.ts'
import { mayFitCounted, mayFitCut, onlyWith } from '../packing/lower-bound.ts'
import { packPods } from '../packing/pack-pods.ts'
import { withSharedDevices } from '../packing/shared-devices.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'
import { loadSolver } from '../solver.ts'
import { searchFewest } from './compact-search.ts'
import { removalOrder } from './removal-order.ts'

/** The policy of the scenario itself, whatever that is. */
export const CONFIGURED = 'configured'

/** Takes away what a scenario says of its scheduler, and a policy would say otherwise. */
const UNCONFIGURED = ['spec.scheduler.config=', 'spec.scheduler.configFile=']

/** What is compacted, as plain data. */
export interface TrialCell {
  /** Path of a scenario file; undefined where the scenario is given itself. */
  readonly file: string | undefined
  readonly raw: Readonly<Record<string, unknown>> | undefined
  readonly overrides: readonly string[]
  readonly flags: readonly (readonly [field: string, flag: string])[]
  readonly workload: StaticWorkload
  /** The machines, with clones. */
  readonly nodes: readonly Node[]
  readonly seed: string
  /** Picky pods, by place: they may stay pending, `pendingMax` of them at most. */
  readonly picky: readonly number[]
  readonly pendingMax: number
  /** Numbers of machines above the answer that are tried besides. */
  readonly verified: number
}

/** One trial of one policy, as plain data. */
export interface TrialUnit {
  readonly policy: string
  /** From 1. */
  readonly trial: number
}

/** What a trial came to. */
export interface TrialResult extends TrialUnit {
  /** Proven: with this order of removal, no packing of all pods but the pending ones needs fewer machines. */
  readonly bound: number
  /** Machines that were left; undefined when the whole cell holds too little. */
  readonly machines: number | undefined
  /** Packings that were made. */
  readonly packings: number
  /** Times that a machine more did not help, or one less did, close to the answer. */
  readonly anomalies: number
  /** Pods without a node in the end, and what the scheduler said of the first pod that made the next smaller cell fail. */
  readonly pending: number
  readonly message: string
}

/** The scenario of a cell with another policy. Throws `InputError` for one that it cannot have. */
export function scenarioOfPolicy(
  { file, raw, overrides, flags }: Pick<TrialCell, 'file' | 'raw' | 'overrides' | 'flags'>,
  policy: string,
): Scenario {
  const own =
    policy === CONFIGURED ? [] : [...UNCONFIGURED, `spec.scheduler.policy=${JSON.stringify(policy)}`]
  return loadScenario({
    ...(file === undefined ? {} : { file }),
    ...(raw === undefined ? {} : { raw }),
    overrides: [...overrides, ...own],
    flags: new Map([...flags, ['spec.scheduler.policy', '--policies']]),
  })
}

/** Makes trials of one cell; keeps what they have in common. */
export class Trials {
  readonly #cell: TrialCell
  readonly #problem: PackingProblem
  readonly #classOf: readonly number[]
  readonly #bounds = new Map<number, number>()

  constructor(cell: TrialCell) {
    this.#cell = cell
    this.#problem = withSharedDevices(withoutPending(packingProblem(cell.workload, cell.nodes), cell))
    const classOf: number[] = []
    this.#problem.machines.forEach(({ nodes }, index) => nodes.forEach((node) => (classOf[node] = index)))
    this.#classOf = classOf
  }

  /** Runs a trial; undefined when it was interrupted. */
  async run({ policy, trial }: TrialUnit, signal: AbortSignal): Promise<TrialResult | undefined> {
    const { workload, nodes, seed, picky, pendingMax, verified } = this.#cell
    const scenario = scenarioOfPolicy(this.#cell, policy)
    const order = removalOrder(nodes.length, seed, trial)
    const bound = await this.#boundOf(trial, order)
    const setting = {
      scenario,
      workload,
      seed: `${seed}/${trial}`,
      mayPend: new Set(picky),
      pendingMax,
      signal,
    }
    const pendingBy = new Map<number, number>()
    const messageBy = new Map<number, string>()
    const fits = async (count: number): Promise<boolean | undefined> => {
      // In the order of the cell: an order of names may mean something to a scheduler.
      const kept = order.slice(0, count).toSorted((one, other) => one - other)
      const packing = await packPods(
        setting,
        kept.flatMap((place) => nodes[place] ?? []),
      )
      pendingBy.set(count, packing?.pending.length ?? 0)
      messageBy.set(count, packing?.message ?? '')
      return packing?.fits
    }
    const found = await searchFewest(fits, { bound, most: nodes.length, verified })
    if (found === undefined) return undefined
    const { machines, tried, anomalies } = found
    const below = (machines ?? 1) - 1
    // What is proven is seen, too: it says why one less does not do.
    if (below > 0 && !messageBy.has(below) && (await fits(below)) === true) throw packsTooWell(below)
    return {
      policy,
      trial,
      bound,
      machines,
      packings: tried,
      anomalies,
      pending: pendingBy.get(machines ?? nodes.length) ?? 0,
      message: messageBy.get(machines === undefined ? nodes.length : machines - 1) ?? '',
    }
  }

  /**
   * The fewest machines of an order that may hold the workload: by counting, and from there up by linear relaxations. More machines never
   * hold less, so that bisection is exact.
   */
  async #boundOf(trial: number, order: readonly number[]): Promise<number> {
    const known = this.#bounds.get(trial)
    if (known !== undefined) return known
    const solver = await loadSolver()
    const kept = (count: number): PackingProblem => onlyWith(this.#problem, this.#keptOf(order, count))
    const most = order.length
    const exact = { most, verified: 0 }
    const counted = await searchFewest(async (count) => mayFitCounted(kept(count)), { ...exact, bound: 1 })
    const cut = await searchFewest(async (count) => mayFitCut(kept(count), solver), {
      ...exact,
      bound: counted?.machines ?? most,
    })
    const bound = cut?.machines ?? most
    this.#bounds.set(trial, bound)
    return bound
  }

  #keptOf(order: readonly number[], count: number): readonly number[] {
    const kept = this.#problem.machines.map(() => 0)
    for (const place of order.slice(0, count)) {
      const machine = this.#classOf[place] ?? 0
      kept[machine] = (kept[machine] ?? 0) + 1
    }
    return kept
  }
}

/** The bound counts on filters that this scheduler has not. */
function packsTooWell(machines: number): InputError {
  return new InputError({
    message: `the scheduler packs all pods on ${machines} machines, which is fewer than is possible`,
    hint: 'its configuration leaves out NodeResourcesFit, NodeAffinity, TaintToleration, GpuShare or DynamicResources',
  })
}

/** The problem without pods that may be pending: what need not be packed must not count for a bound. */
export function withoutPending(
  problem: PackingProblem,
  { picky, pendingMax }: Pick<TrialCell, 'picky' | 'pendingMax'>,
): PackingProblem {
  if (pendingMax === 0 || picky.length === 0) return problem
  const left = problem.groups.map(({ count }) => count)
  for (const pod of picky) {
    const group = problem.groupOf[pod] ?? -1
    left[group] = (left[group] ?? 0) - 1
  }
  const groups = problem.groups.map((group, index) => ({ ...group, count: left[index] ?? 0 }))
  return { ...problem, groups: groups.filter(({ count }) => count > 0) }
}

/** How picky pods are chosen. */
export interface PickySetting {
  /** Share of all pods that may stay pending. */
  readonly share: number
  /** Picky is a pod that this many machines of the cell take at most, when they are empty. */
  readonly machinesMax: number
}

/** Picky pods, and how many of them may be pending. Throws `InputError` that names a pod that no machine takes. */
export function pickyPods(
  { groups, groupOf, machines }: PackingProblem,
  { pods }: StaticWorkload,
  { share, machinesMax }: PickySetting,
): Pick<TrialCell, 'picky' | 'pendingMax'> {
  const hosts = groups.map(({ classes }) =>
    classes.reduce((sum, machine) => sum + (machines[machine]?.nodes.length ?? 0), 0),
  )
  const picky = groupOf.flatMap((group, pod) => ((hosts[group] ?? 0) <= machinesMax ? [pod] : []))
  const pendingMax = Math.floor(pods.length * share)
  const impossible = groupOf.flatMap((group, pod) => ((hosts[group] ?? 0) === 0 ? [pod] : []))
  if (impossible.length > pendingMax) {
    const names = impossible.slice(0, 3).map((pod) => pods[pod]?.name ?? '')
    const more = impossible.length > names.length ? ` and ${impossible.length - names.length} more` : ''
    throw new InputError({
      message: `no machine of the cell takes ${names.join(', ')}${more}, even when it is empty`,
      hint: 'add larger machines, or let so many pods be pending with --pending',
    })
  }
  return { picky: pendingMax === 0 ? [] : picky, pendingMax }
}
