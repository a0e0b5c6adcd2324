import type { SolverColumn, SolverRow, Solver } from '../solver.ts'
import type { PackingProblem } from './asks.ts'

/** The least cost of machines that hold all pods whole. */
export interface Optimum {
  /** Whether it was found; else the search ended at its limit, and `bound` is what it had proven by then. */
  readonly isProven: boolean
  /** Machines taken of each class in the best packing found; undefined without any. */
  readonly taken: readonly number[] | undefined
  readonly cost: number
  readonly bound: number
}

/** Machines and groups of pods that are small enough to try. */
export const OPTIMUM_MACHINES_MAX = 60
export const OPTIMUM_GROUPS_MAX = 60

const TOLERANCE = 1e-6

/** Whether a problem is small enough for its optimum to be looked for. */
export function isSmall({ machines, groups }: PackingProblem): boolean {
  const count = machines.reduce((sum, { nodes }) => sum + nodes.length, 0)
  return count <= OPTIMUM_MACHINES_MAX && groups.length <= OPTIMUM_GROUPS_MAX
}

/**
 * The optimum of vector bin packing with classes of machines, by a mixed-integer program: x pods of each group on each machine, which is
 * taken or not; of equal machines the first are taken first. Undefined when the pods fit on all machines together in no way.
 *
 * Devices of one node are one amount here, and what pods want of each other is left out: with either no fewer machines are needed.
 */
export function optimum(
  problem: PackingProblem,
  costs: readonly number[],
  { solver, nodesMax }: { readonly solver: Solver; readonly nodesMax: number },
): Optimum | undefined {
  const { machines, groups, resources } = problem
  const largest = resources.map((_, r) => Math.max(1e-9, ...machines.map(({ amounts }) => amounts[r] ?? 0)))
  const columns: SolverColumn[] = []
  const rows: SolverRow[] = []
  const places: [number, number][][] = groups.map(() => [])
  const takenColumns: number[][] = machines.map(() => [])
  machines.forEach(({ amounts, nodes }, machine) => {
    nodes.forEach((_, index) => {
      const taken = columns.push({ cost: costs[machine] ?? 0, lower: 0, upper: 1, isInteger: true }) - 1
      takenColumns[machine]?.push(taken)
      const before = takenColumns[machine]?.[index - 1]
      if (before !== undefined) {
        rows.push({
          lower: 0,
          upper: Number.POSITIVE_INFINITY,
          entries: [
            [before, 1],
            [taken, -1],
          ],
        })
      }
      const loads = resources.map((): [number, number][] => [])
      groups.forEach((group, place) => {
        if (!group.classes.includes(machine)) return
        const most = mostOf(group.amounts, amounts, group.count)
        const column = columns.push({ cost: 0, lower: 0, upper: most, isInteger: true }) - 1
        places[place]?.push([column, 1])
        group.amounts.forEach((amount, r) => {
          if (amount > 0) loads[r]?.push([column, amount / (largest[r] ?? 1)])
        })
      })
      loads.forEach((entries, r) => {
        const has = (amounts[r] ?? 0) / (largest[r] ?? 1)
        if (entries.length > 0) {
          rows.push({ lower: Number.NEGATIVE_INFINITY, upper: 0, entries: [...entries, [taken, -has]] })
        }
      })
    })
  })
  groups.forEach(({ count }, place) =>
    rows.push({ lower: count, upper: count, entries: places[place] ?? [] }),
  )
  const solution = solver.solve({ columns, rows }, nodesMax)
  if (solution.status === 'infeasible') return undefined
  const { values, status, cost, bound } = solution
  return {
    isProven: status === 'optimal',
    taken:
      values && takenColumns.map((ofClass) => ofClass.filter((column) => (values[column] ?? 0) > 0.5).length),
    cost,
    bound: Math.min(cost, bound * (1 - TOLERANCE)),
  }
}

/** Pods of one group that an empty machine holds. */
function mostOf(asked: readonly number[], has: readonly number[], count: number): number {
  let most = count
  asked.forEach((amount, r) => {
    if (amount > 0) most = Math.min(most, Math.floor((has[r] ?? 0) / amount))
  })
  return most
}
