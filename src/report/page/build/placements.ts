import type { CategoryColumn } from '../../table/category-column.ts'
import type { RunNodes } from './node-rows.ts'
import { picked } from './picked.ts'
import { readColumns } from '../../table/read-table.ts'
import type { TextColumn } from '../../table/read-table.ts'

/** In place of a node: a pod that never had one. */
export const NO_PLACE = 2 ** 32 - 1

/** Pods of a run: a row a pod, in the order of pods.csv; those on nodes that the run does not know are left out. */
export interface Placements {
  readonly count: number
  /** Row in pods.csv. */
  readonly rows: Uint32Array
  /** Place among the nodes of the run; `NO_PLACE` of pods that never had one. */
  readonly node: Uint32Array
  readonly createdAt: Float64Array
  /** Infinity where it never had a node. */
  readonly boundAt: Float64Array
  /** Infinity where it never ran. */
  readonly runningAt: Float64Array
  /** Infinity where it was there at the end. */
  readonly endedAt: Float64Array
  readonly cpu: Float64Array
  readonly memory: Float64Array
  readonly gpu: Float64Array
  /** Columns by row in pods.csv. */
  readonly table: {
    readonly namespace: CategoryColumn
    readonly name: TextColumn
    readonly ownerKind: CategoryColumn
    readonly owner: TextColumn
    readonly qos: CategoryColumn
    readonly priority: CategoryColumn
    readonly outcome: CategoryColumn
  }
}

/** Reads pods.csv; undefined where the run left none. */
export async function readPlacements(directory: string, nodes: RunNodes): Promise<Placements | undefined> {
  const table = await readColumns(directory, 'pods.csv', {
    namespace: 'category',
    name: 'text',
    owner_kind: 'category',
    owner: 'text',
    qos: 'category',
    priority: 'category',
    cpu_millicores: 'number',
    memory_bytes: 'number',
    gpu_milli: 'number',
    created_s: 'number',
    bound_s: 'number',
    running_s: 'number',
    finished_s: 'number',
    node: 'category',
    outcome: 'category',
  })
  if (table === undefined) return undefined
  const { columns } = table
  const places = columns.node.values.map((name) => nodes.places.get(name) ?? -1)
  const placeOf = (row: number): number => places[columns.node.indexes[row] ?? 0] ?? -1
  let count = 0
  const rows = new Uint32Array(table.rowCount)
  for (let row = 0; row < table.rowCount; row += 1) {
    if (Number.isNaN(columns.bound_s[row]) || placeOf(row) >= 0) rows[count++] = row
  }
  const kept = rows.subarray(0, count)
  const pick = (values: Float64Array): Float64Array => picked(values, kept)
  const orNever = (values: Float64Array): Float64Array => {
    const column = pick(values)
    for (let pod = 0; pod < count; pod += 1) {
      if (Number.isNaN(column[pod])) column[pod] = Number.POSITIVE_INFINITY
    }
    return column
  }
  const node = new Uint32Array(count)
  const boundAt = orNever(columns.bound_s)
  for (let pod = 0; pod < count; pod += 1) {
    node[pod] = boundAt[pod] === Number.POSITIVE_INFINITY ? NO_PLACE : placeOf(kept[pod] ?? 0)
  }
  return {
    count,
    rows: kept,
    node,
    createdAt: pick(columns.created_s),
    boundAt,
    runningAt: orNever(columns.running_s),
    endedAt: orNever(columns.finished_s),
    cpu: pick(columns.cpu_millicores),
    memory: pick(columns.memory_bytes),
    gpu: pick(columns.gpu_milli),
    table: {
      namespace: columns.namespace,
      name: columns.name,
      ownerKind: columns.owner_kind,
      owner: columns.owner,
      qos: columns.qos,
      priority: columns.priority,
      outcome: columns.outcome,
    },
  }
}
