import type { Highs, ModelData } from 'highs'

import { assert } from '../base/assert.ts'

/** A variable of a linear program. */
export interface SolverColumn {
  /** What one of it adds to the sum that is made small. */
  readonly cost: number
  readonly lower: number
  /** Infinite for no bound. */
  readonly upper: number
  readonly isInteger?: boolean
}

/** A sum of variables that must be from `lower` to `upper`. */
export interface SolverRow {
  readonly lower: number
  readonly upper: number
  /** Columns, each once, and their factors. */
  readonly entries: readonly (readonly [column: number, factor: number])[]
}

/** Makes the sum of the costs of its columns small, within its rows. */
export interface LinearProgram {
  readonly columns: readonly SolverColumn[]
  readonly rows: readonly SolverRow[]
}

/** What the solver found out. */
export type Solution =
  | {
      /** `limited`: the search ended at its limit of nodes; `values` are the best found by then, if any. */
      readonly status: 'optimal' | 'limited'
      /** Cost of `values`; infinite without any. */
      readonly cost: number
      /** No solution costs less. */
      readonly bound: number
      readonly values: readonly number[] | undefined
    }
  | { readonly status: 'infeasible' }

/** Codes of HighsModelStatus (HiGHS 1.15, `lp_data/HConst.h`). */
const OPTIMAL = 7
const INFEASIBLE = 8
const UNBOUNDED_OR_INFEASIBLE = 9
/** Limits of nodes and of solutions: the search ended early. */
const LIMITS: readonly number[] = [14, 15, 16]

/** Solves linear and mixed-integer programs; each call is one of its own. */
export interface Solver {
  /**
   * Solves a program to the end, or until `nodesMax` nodes of the search tree: a limit of time would make the answer depend on the
   * machine.
   */
  solve(program: LinearProgram, nodesMax?: number): Solution
}

let loading: Promise<Solver> | undefined

/** Loads HiGHS (4 MB of WebAssembly) at the first call. */
export function loadSolver(): Promise<Solver> {
  loading ??= load()
  return loading
}

async function load(): Promise<Solver> {
  const { default: start } = await import('highs')
  // Its types describe an ES module, and are taken for those of a CommonJS one.
  const highs = await (start as unknown as (options?: object) => Promise<Highs>)()
  return { solve: (program, nodesMax) => solve(highs, program, nodesMax) }
}

function solve(highs: Highs, program: LinearProgram, nodesMax: number | undefined): Solution {
  return highs.withModel(modelOf(highs, program), (model): Solution => {
    model.options.set({ output_flag: false, random_seed: 0, mip_rel_gap: 0, mip_abs_gap: 1e-9 })
    if (nodesMax !== undefined) model.options.set({ mip_max_nodes: nodesMax })
    model.run()
    const code = Number(model.getModelStatus())
    if (code === INFEASIBLE || code === UNBOUNDED_OR_INFEASIBLE) return { status: 'infeasible' }
    const isOptimal = code === OPTIMAL
    assert(isOptimal || LIMITS.includes(code), `the solver ended with status ${code}`)
    const isMixed = program.columns.some(({ isInteger }) => isInteger === true)
    const cost = model.getObjectiveValue()
    const hasValues = isOptimal || Number.isFinite(cost)
    return {
      status: isOptimal ? 'optimal' : 'limited',
      cost: hasValues ? cost : Number.POSITIVE_INFINITY,
      bound: isMixed ? Number(model.info.get('mip_dual_bound')) : cost,
      values: hasValues ? [...model.getSolution().colValue] : undefined,
    }
  })
}

function modelOf(highs: Highs, { columns, rows }: LinearProgram): ModelData {
  const bound = (value: number): number => {
    if (Number.isFinite(value)) return value
    return value > 0 ? highs.infinity : -highs.infinity
  }
  const starts = [0]
  const indices: number[] = []
  const values: number[] = []
  for (const { entries } of rows) {
    for (const [column, factor] of entries) {
      indices.push(column)
      values.push(factor)
    }
    starts.push(indices.length)
  }
  const { continuous, integer } = highs.constants.variableType
  return {
    numCols: columns.length,
    numRows: rows.length,
    colCost: columns.map(({ cost }) => cost),
    colLower: columns.map(({ lower }) => bound(lower)),
    colUpper: columns.map(({ upper }) => bound(upper)),
    rowLower: rows.map(({ lower }) => bound(lower)),
    rowUpper: rows.map(({ upper }) => bound(upper)),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: columns.length,
      starts,
      indices,
      values,
    },
    ...(columns.some(({ isInteger }) => isInteger === true)
      ? { integrality: columns.map(({ isInteger }) => (isInteger === true ? integer : continuous)) }
      : {}),
  }
}
