import { packingProblem } from '../packing/asks.ts'
import type { PackingProblem } from '../packing/asks.ts'
import { relaxation, resourceBound } from '../packing/lower-bound.ts'
import { GPU_DEVICES, withSharedDevices } from '../packing/shared-devices.ts'
import type { StaticWorkload } from '../packing/static-workload.ts'
import type { LinearProgram, Solver, SolverColumn, SolverRow } from '../solver.ts'
import type { PricedShape } from './choose-shapes.ts'
import { cellOfMix } from './mix-cell.ts'
import type { CellSetting } from './mix-cell.ts'
import type { ShapeMix } from './shape-mix.ts'

/** Shapes as machines that pods may be packed on: of equal ones the cheapest, and none that another replaces for no more money. */
export interface ShapeProblem {
  readonly problem: PackingProblem
  /** By class of machines. */
  readonly shapes: readonly PricedShape[]
  /** The same with all shapes, and the class of each there. */
  readonly whole: PackingProblem
  readonly classOf: ReadonlyMap<PricedShape, number>
}

/** Groups of a program over many shapes at most. */
const GROUPS_MAX = 60
/** Nodes of the search for a mix. */
const NODES_MAX = 2_000
const TOLERANCE = 1e-6

/** The shapes as classes of `nodesMax` machines each. */
export function shapeProblem(
  shapes: readonly PricedShape[],
  setting: CellSetting,
  nodesMax: number,
): ShapeProblem {
  const samples = cellOfMix(
    shapes.map((shape) => ({ shape, count: 1 })),
    { ...setting, zones: 1 },
  )
  const whole = withSharedDevices(packingProblem(samples.workload, samples.nodes))
  const many = Array.from({ length: nodesMax }, (_, index) => index)
  const machines = whole.machines.map((machine) => ({ ...machine, nodes: many }))
  const cheapest = whole.machines.map(({ nodes }) => {
    const own = nodes.flatMap((place) => shapes[place] ?? [])
    return own.reduce((one, other) => (other.price < one.price ? other : one), own[0] as PricedShape)
  })
  const classOf = new Map<PricedShape, number>()
  whole.machines.forEach(({ nodes }, index) => {
    for (const place of nodes) classOf.set(shapes[place] as PricedShape, index)
  })
  const problem = { ...whole, machines }
  return { ...withoutDominated(problem, cheapest), whole: problem, classOf }
}

/** Leaves out shapes in the place of which another, that costs no more, holds all that they hold. */
function withoutDominated(
  problem: PackingProblem,
  shapes: readonly PricedShape[],
): Pick<ShapeProblem, 'problem' | 'shapes'> {
  const { machines, groups } = problem
  const takes = machines.map(
    (_, index) => new Set(groups.flatMap((group, place) => (group.classes.includes(index) ? [place] : []))),
  )
  const replaces = (one: number, other: number): boolean => {
    const [has, wanted] = [machines[one]?.amounts ?? [], machines[other]?.amounts ?? []]
    const [price, otherPrice] = [shapes[one]?.price ?? 0, shapes[other]?.price ?? 0]
    const isNoDearer = price <= otherPrice && wanted.every((amount, r) => (has[r] ?? 0) >= amount)
    return isNoDearer && [...(takes[other] ?? [])].every((group) => takes[one]?.has(group))
  }
  const kept = machines.flatMap((_, index) => {
    const isDominated = machines.some(
      (__, other) => other !== index && replaces(other, index) && (!replaces(index, other) || other < index),
    )
    return isDominated ? [] : [index]
  })
  const places = new Map(kept.map((machine, place) => [machine, place]))
  return {
    shapes: kept.flatMap((index) => shapes[index] ?? []),
    problem: {
      ...problem,
      machines: kept.flatMap((index) => machines[index] ?? []),
      groups: groups.map((group) => ({
        ...group,
        classes: group.classes.flatMap((one) => places.get(one) ?? []),
      })),
    },
  }
}

/** A pod of the workload that no shape takes: what it asks for, and that it is not the amounts, in words; undefined when each has one. */
export function unplaceablePod(
  { problem, whole }: ShapeProblem,
  { pods }: StaticWorkload,
): string | undefined {
  const group = problem.groups.find(({ classes }) => classes.length === 0)
  if (group === undefined) return undefined
  const asks = problem.resources.flatMap((resource, index) => {
    const amount = group.amounts[index] ?? 0
    return amount === 0 || resource === 'pods' || resource === GPU_DEVICES
      ? []
      : [amountText(resource, amount)]
  })
  const hasRoom = whole.machines.some(({ amounts }) =>
    group.amounts.every((amount, resource) => amount <= (amounts[resource] ?? 0)),
  )
  const why = hasRoom ? ': its nodeSelector, node affinity or GPUs keep it off where it has room' : ''
  return `${pods[group.example]?.name ?? ''} (${asks.join(', ')})${why}`
}

function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return `cpu ${amount / 1000}`
  if (resource === 'memory') return `memory ${(amount / 1024 ** 3).toFixed(1)}Gi`
  return `${resource} ${amount}`
}

/** Fewest nodes of one shape; undefined when it does not take all pods. Infinite beyond `nodesMax`. */
export function countBound({ whole, classOf }: ShapeProblem, shape: PricedShape): number | undefined {
  const place = classOf.get(shape) ?? -1
  const machine = whole.machines[place]
  if (machine === undefined || whole.groups.some(({ classes }) => !classes.includes(place))) return undefined
  return resourceBound({ ...whole, machines: [machine] }).machines
}

/** Whether a mix has enough of every resource in all: false proves that it does not hold all pods. */
export function hasEnough({ whole, classOf }: ShapeProblem, mix: ShapeMix): boolean {
  return whole.resources.every((_, resource) => {
    const asked = whole.groups.reduce((sum, { amounts, count }) => sum + (amounts[resource] ?? 0) * count, 0)
    const has = mix.reduce((sum, { shape, count }) => {
      return sum + (whole.machines[classOf.get(shape) ?? -1]?.amounts[resource] ?? 0) * count
    }, 0)
    return has >= asked
  })
}

/** A mix that a relaxation says may do, and a proven bound of its cost. */
export interface RelaxedMix {
  /** Undefined where the search ended at its limit without one: there may be one. */
  readonly mix: ShapeMix | undefined
  /** US dollars an hour: no mix of as many shapes that holds all pods costs less. */
  readonly bound: number
}

/** How a relaxed mix is looked for. */
export interface RelaxedMixSetting {
  /** Different shapes at most. */
  readonly shapesMax: number
  readonly nodesMax: number
  /** Factor on what pods ask for together. */
  readonly demand: number
}

/** The cheapest mix by the relaxation in which pods may be cut; undefined when it is proven that there is none. */
export function relaxedMix(
  { problem, shapes }: ShapeProblem,
  setting: RelaxedMixSetting,
  solver: Solver,
): RelaxedMix | undefined {
  const program = mixProgram(problem, shapes, setting)
  const solution = solver.solve(program, NODES_MAX)
  if (solution.status === 'infeasible') return undefined
  const { values, bound } = solution
  return {
    bound: bound * (1 - TOLERANCE),
    mix:
      values &&
      shapes
        .map((shape, index) => ({ shape, count: Math.round(values[index] ?? 0) }))
        .filter(({ count }) => count > 0),
  }
}

function mixProgram(
  problem: PackingProblem,
  shapes: readonly PricedShape[],
  { shapesMax, nodesMax, demand }: RelaxedMixSetting,
): LinearProgram {
  const costs = shapes.map(({ price }) => price)
  const base = relaxation(problem, { costs, hasWholeMachines: true, demand, groupsMax: GROUPS_MAX })
  const columns: SolverColumn[] = [...base.columns]
  const rows: SolverRow[] = [...base.rows]
  const used = shapes.map((_, index): [number, number] => {
    const column = columns.push({ cost: 0, lower: 0, upper: 1, isInteger: true }) - 1
    rows.push({
      lower: Number.NEGATIVE_INFINITY,
      upper: 0,
      entries: [
        [index, 1],
        [column, -nodesMax],
      ],
    })
    return [column, 1]
  })
  rows.push({ lower: 0, upper: shapesMax, entries: used })
  rows.push({ lower: 0, upper: nodesMax, entries: shapes.map((_, index): [number, number] => [index, 1]) })
  return { columns, rows }
}
