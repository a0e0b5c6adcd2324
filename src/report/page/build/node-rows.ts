import { picked } from './picked.ts'
import { readColumns } from '../../table/read-table.ts'
import type { NodeLife } from './run-events.ts'

/** Resources of a node, in the order of its capacity. */
export const NODE_RESOURCES = ['cpu', 'memory', 'pods', 'gpu'] as const

/** The nodes of a run in order of their names. */
export interface RunNodes {
  readonly names: readonly string[]
  /** By name. */
  readonly places: ReadonlyMap<string, number>
  /** By resource, then node: allocatable millicores, bytes, pods, thousandths of a GPU. */
  readonly capacity: Readonly<Record<(typeof NODE_RESOURCES)[number], Float64Array>>
  readonly crashes: Float64Array
  readonly lives: readonly (NodeLife | undefined)[]
}

/** Reads nodes.csv. */
export async function readNodes(directory: string, lives: ReadonlyMap<string, NodeLife>): Promise<RunNodes> {
  const table = await readColumns(directory, 'nodes.csv', {
    node: 'text',
    cpu_allocatable_millicores: 'number',
    memory_allocatable_bytes: 'number',
    pods_allocatable: 'number',
    gpu_allocatable_milli: 'number',
    crashes: 'number',
  })
  const rowCount = table?.rowCount ?? 0
  const texts = Array.from({ length: rowCount }, (_, row) => table?.columns.node.at(row) ?? '')
  const order = [...texts.keys()].toSorted((one, other) => compare(texts[one] ?? '', texts[other] ?? ''))
  const names = order.map((row) => texts[row] ?? '')
  const inOrder = (values: Float64Array | undefined): Float64Array =>
    picked(values ?? new Float64Array(rowCount), order)
  return {
    names,
    places: new Map(names.map((name, place) => [name, place])),
    capacity: {
      cpu: inOrder(table?.columns.cpu_allocatable_millicores),
      memory: inOrder(table?.columns.memory_allocatable_bytes),
      pods: inOrder(table?.columns.pods_allocatable),
      gpu: inOrder(table?.columns.gpu_allocatable_milli),
    },
    crashes: inOrder(table?.columns.crashes),
    lives: names.map((name) => lives.get(name)),
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
