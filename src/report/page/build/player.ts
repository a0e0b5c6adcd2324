import { packColumn } from '../packed-column.ts'
import { QOS_CLASSES } from '../report-data.ts'
import type { PackedColumn, Player, PlayerNode } from '../report-data.ts'
import type { CategoryColumn } from '../../table/category-column.ts'
import { podDecisions } from './decisions.ts'
import type { RunNodes } from './node-rows.ts'
import { picked } from './picked.ts'
import { NO_PLACE } from './placements.ts'
import type { Placements } from './placements.ts'
import { sampleNodes, samplePods } from './player-sample.ts'
import { workloadColumn } from './workload-names.ts'

/** What a player is made from. */
export interface PlayerParts {
  /** Of the run. */
  readonly directory: string
  readonly nodes: RunNodes
  readonly placements: Placements
  readonly end: number
}

/** Where each pod was. Names have their namespace where there is more than one. */
export async function buildPlayer(parts: PlayerParts): Promise<Player> {
  const { directory, nodes, placements, end } = parts
  const { rows, table } = placements
  const shown = sampleNodes(nodes, placements)
  const placeOf = new Map(Array.from(shown, (node, place) => [node, place]))
  placeOf.set(NO_PLACE, shown.length)
  const pods = samplePods(placements, nodes, end).filter((pod) =>
    placeOf.has(placements.node[pod] ?? NO_PLACE),
  )
  const hasNamespaces = table.namespace.values.length > 1
  const namespaceOf = (row: number): string => table.namespace.values[table.namespace.indexes[row] ?? 0] ?? ''
  const names = Array.from(pods, (pod) => {
    const row = rows[pod] ?? 0
    return hasNamespaces ? `${namespaceOf(row)}/${table.name.at(row)}` : table.name.at(row)
  })
  const numbers = (type: PackedColumn['type'], values: Float64Array): PackedColumn =>
    packColumn(type, picked(values, pods))
  const amounts = (values: Float64Array): PackedColumn =>
    numbers(values.every((value) => value < 2 ** 32) ? 'u32' : 'f64', values)
  const priorities = usedValues(table.priority, rows, pods)
  const outcomes = usedValues(table.outcome, rows, pods)
  const workloads = await workloadColumn(directory, placements, pods)
  return {
    nodes: Array.from(shown, (node) => playerNode(nodes, node)),
    podCount: placements.count,
    names,
    node: indexColumn(
      Array.from(pods, (pod) => placeOf.get(placements.node[pod] ?? 0) ?? 0),
      shown.length + 1,
    ),
    createdAt: numbers('f32', placements.createdAt),
    boundAt: numbers('f32', placements.boundAt),
    runningAt: numbers('f32', placements.runningAt),
    endedAt: numbers('f32', placements.endedAt),
    cpuMillicores: amounts(placements.cpu),
    memoryBytes: amounts(placements.memory),
    gpuMilli: amounts(placements.gpu),
    qos: packColumn('u8', qosOf(table.qos, rows, pods)),
    priorities: priorities.values.map(Number),
    priority: indexColumn(priorities.indexes, priorities.values.length),
    workloads: workloads.values,
    workload: indexColumn(workloads.indexes, workloads.values.length),
    outcomes: outcomes.values,
    outcome: indexColumn(outcomes.indexes, outcomes.values.length),
    decisions: await podDecisions(directory, {
      keyOf: (place) => {
        const row = rows[pods[place] ?? 0] ?? 0
        return `${namespaceOf(row)}/${table.name.at(row)}`
      },
      boundAt: picked(placements.boundAt, pods),
    }),
  }
}

function playerNode({ names, capacity, lives }: RunNodes, node: number): PlayerNode {
  const { from, to, down = [] } = lives[node] ?? {}
  return {
    name: names[node] ?? '',
    cpuMillicores: capacity.cpu[node] ?? 0,
    memoryBytes: capacity.memory[node] ?? 0,
    gpuMilli: capacity.gpu[node] ?? 0,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(down.length === 0 ? {} : { down }),
  }
}

function qosOf(qos: CategoryColumn, rows: Uint32Array, pods: Uint32Array): number[] {
  const classes: readonly string[] = QOS_CLASSES
  const places = qos.values.map((value) => classes.indexOf(value))
  return Array.from(pods, (pod) => places[qos.indexes[rows[pod] ?? 0] ?? 0] ?? 0)
}

/** The values that pods have, each once in order of first use, and which each has. */
function usedValues(
  { values, indexes }: CategoryColumn,
  rows: Uint32Array,
  pods: Uint32Array,
): CategoryColumn {
  const places = new Map<number, number>()
  const used = new Uint32Array(pods.length)
  for (let pod = 0; pod < pods.length; pod += 1) {
    const value = indexes[rows[pods[pod] ?? 0] ?? 0] ?? 0
    const place = places.get(value) ?? places.size
    places.set(value, place)
    used[pod] = place
  }
  return { values: Array.from(places.keys(), (value) => values[value] ?? ''), indexes: used }
}

/** Packs indexes into so many values in as few bytes as they need. */
function indexColumn(indexes: ArrayLike<number>, valueCount: number): PackedColumn {
  return packColumn(valueCount <= 2 ** 8 ? 'u8' : valueCount <= 2 ** 16 ? 'u16' : 'u32', indexes)
}
