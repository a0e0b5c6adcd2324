import type { LinearProgram, Solution, Solver, SolverColumn, SolverRow } from '../solver.ts'
import type { MachineClass, PackingProblem, PodGroup } from './asks.ts'
import { directionGroups } from './directions.ts'

/** Fewest machines that any packing of the pods needs, and what proves it. */
export interface MachineBound {
  readonly machines: number
  /**
   * `resource`: the machines that have most of it hold no more; `large-pods`: pods that ask for more than half of what a machine has of it
   * share none; `relaxation`: a linear program.
   */
  readonly proof: 'resource' | 'large-pods' | 'relaxation'
  /** The scarce resource of a proof by one; undefined otherwise. */
  readonly resource: string | undefined
}

/** Groups in a linear program at most; more are rounded down into fewer. */
const GROUPS_MAX = 300
/** Nodes of the search for whole numbers of machines: a search that ends early leaves a smaller bound. */
const NODES_MAX = 2_000
/** The solver's tolerance, relative. */
const TOLERANCE = 1e-6

/**
 * A bound by counting, the best over all resources: the fewest machines, those with most of it first, that have what all pods ask for together;
 * and those that pods need which cannot share one. Infinite when all machines together have too little.
 */
export function resourceBound({ resources, machines, groups }: PackingProblem): MachineBound {
  let bound: MachineBound = { machines: 0, proof: 'resource', resource: undefined }
  resources.forEach((resource, index) => {
    const asked = groups.reduce((sum, { amounts, count }) => sum + (amounts[index] ?? 0) * count, 0)
    const needed = fewestWith(asked, machines, index)
    if (needed > bound.machines) bound = { machines: needed, proof: 'resource', resource }
    const sharing = fewestForLarge(groups, machines, index)
    if (sharing > bound.machines) bound = { machines: sharing, proof: 'large-pods', resource }
  })
  return bound
}

/**
 * The bound L2 of bin packing (Martello and Toth, Knapsack Problems, 1990, section 8.3), of one resource, as if each machine had as much of it as
 * the largest. Over all thresholds t up to half of that: pods above half have a machine each; those of t and more up to half fill what is left
 * on the machines whose pod leaves room for t, and then machines of their own.
 */
function fewestForLarge(
  groups: readonly PodGroup[],
  machines: readonly MachineClass[],
  resource: number,
): number {
  const whole = Math.max(
    0,
    ...machines.map(({ amounts, nodes }) => (nodes.length > 0 ? (amounts[resource] ?? 0) : 0)),
  )
  if (whole === 0) return 0
  const sizes = groups.map(({ amounts, count }) => ({ size: amounts[resource] ?? 0, count }))
  const large = sizes.filter(({ size }) => size > whole / 2)
  const small = sizes
    .filter(({ size }) => size > 0 && size <= whole / 2)
    .toSorted((one, other) => other.size - one.size)
  const alone = large.reduce((sum, { count }) => sum + count, 0)
  let best = alone
  let filling = 0
  small.forEach(({ size, count }, index) => {
    filling += size * count
    if (small[index + 1]?.size === size) return
    const room = large.reduce(
      (sum, one) => sum + (one.size <= whole - size ? (whole - one.size) * one.count : 0),
      0,
    )
    best = Math.max(best, alone + Math.max(0, Math.ceil((filling - room) / whole)))
  })
  return best
}

function fewestWith(asked: number, machines: readonly MachineClass[], resource: number): number {
  const sorted = machines.toSorted(
    (one, other) => (other.amounts[resource] ?? 0) - (one.amounts[resource] ?? 0),
  )
  let left = asked
  let count = 0
  for (const { amounts, nodes } of sorted) {
    if (left <= 0) break
    const each = amounts[resource] ?? 0
    if (each <= 0) break
    const taken = Math.min(nodes.length, Math.ceil(left / each))
    count += taken
    left -= taken * each
  }
  return left > 0 ? Number.POSITIVE_INFINITY : count
}

/**
 * The better of the bound by counting and of a linear relaxation: pods may be cut into parts, which go to machines of the classes
 * that take them; the number of machines of each class is whole. Infinite when not even that fits.
 */
export function machineBound(problem: PackingProblem, solver: Solver): MachineBound {
  const counted = resourceBound(problem)
  if (!Number.isFinite(counted.machines) || problem.machines.length < 2) return counted
  const costs = problem.machines.map(() => 1)
  const solution = solver.solve(relaxation(problem, { costs, hasWholeMachines: true }), NODES_MAX)
  const machines = boundOf(solution)
  return machines > counted.machines ? { machines, proof: 'relaxation', resource: undefined } : counted
}

function boundOf(solution: Solution): number {
  if (solution.status === 'infeasible') return Number.POSITIVE_INFINITY
  return Math.ceil(solution.bound * (1 - TOLERANCE) - TOLERANCE)
}

/** The problem with so many machines of each class only. */
export function onlyWith(problem: PackingProblem, kept: readonly number[]): PackingProblem {
  const machines = problem.machines.map((machine, index) => {
    return { ...machine, nodes: machine.nodes.slice(0, kept[index] ?? 0) }
  })
  return { ...problem, machines }
}

/** Whether all machines together have enough, by counting: false proves that no packing does. */
export function mayFitCounted(problem: PackingProblem): boolean {
  const count = problem.machines.reduce((sum, { nodes }) => sum + nodes.length, 0)
  return resourceBound(problem).machines <= count
}

/** Whether pods cut into parts fit on all machines: false proves that no packing does. */
export function mayFitCut(problem: PackingProblem, solver: Solver): boolean {
  if (problem.machines.length < 2) return true
  const program = relaxation(problem, { costs: problem.machines.map(() => 0) })
  return solver.solve(program).status !== 'infeasible'
}

/** How a relaxation is made. */
export interface RelaxationSetting {
  /** Cost of a machine of each class. */
  readonly costs: readonly number[]
  readonly hasWholeMachines?: boolean
  /** Factor on what pods ask for together, to leave room. */
  readonly demand?: number
  readonly groupsMax?: number
}

/**
 * The linear program of a packing in which pods may be cut: column i is the number of machines of class i, the others are parts of
 * groups on classes. Columns and rows are scaled: of each resource the largest machine has 1.
 */
export function relaxation(problem: PackingProblem, setting: RelaxationSetting): LinearProgram {
  const { costs, hasWholeMachines = false, demand = 1, groupsMax = GROUPS_MAX } = setting
  const { machines, resources } = problem
  const largest = resources.map((_, r) => Math.max(1e-9, ...machines.map(({ amounts }) => amounts[r] ?? 0)))
  const groups = directionGroups(problem.groups, largest, groupsMax)
  const columns: SolverColumn[] = machines.map(({ nodes }, index) => {
    return { cost: costs[index] ?? 0, lower: 0, upper: nodes.length, isInteger: hasWholeMachines }
  })
  const rows: SolverRow[] = []
  /** By class and resource: what its machines hold. */
  const loads = machines.map(() => resources.map((): [number, number][] => []))
  for (const { classes, amounts, weight } of groups) {
    const parts = classes.map((machine): [number, number] => {
      const column = columns.push({ cost: 0, lower: 0, upper: Number.POSITIVE_INFINITY }) - 1
      amounts.forEach((amount, r) => {
        if (amount > 0) loads[machine]?.[r]?.push([column, amount])
      })
      return [column, 1]
    })
    rows.push({ lower: weight * demand, upper: Number.POSITIVE_INFINITY, entries: parts })
  }
  loads.forEach((ofClass, machine) => {
    ofClass.forEach((entries, r) => {
      if (entries.length === 0) return
      const has = (machines[machine]?.amounts[r] ?? 0) / (largest[r] ?? 1)
      rows.push({ lower: Number.NEGATIVE_INFINITY, upper: 0, entries: [...entries, [machine, -has]] })
    })
  })
  return { columns, rows }
}
