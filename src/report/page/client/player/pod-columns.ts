import { unpackColumn } from '../../packed-column.ts'
import type { Player } from '../../report-data.ts'

/** Numbers of one row a pod. */
export type Column = Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array

/** A player's columns as arrays; a row a pod. */
export interface PodColumns {
  readonly count: number
  readonly names: readonly string[]
  readonly node: Column
  readonly createdAt: Column
  readonly boundAt: Column
  readonly runningAt: Column
  readonly endedAt: Column
  readonly cpu: Column
  readonly memory: Column
  readonly gpu: Column
  readonly qos: Column
  readonly priority: Column
  readonly workload: Column
  readonly outcome: Column
}

/** What a node is filled by. */
export type PlayerResource = 'cpu' | 'memory' | 'gpu'

/** All that a player can be filled by, in the order in which it is offered. */
export const PLAYER_RESOURCES: readonly PlayerResource[] = ['cpu', 'memory', 'gpu']

/** Unpacks the columns of a player: O(pods), the costly part of showing one. */
export function unpackPods(player: Player): PodColumns {
  return {
    count: player.names.length,
    names: player.names,
    node: unpackColumn(player.node),
    createdAt: unpackColumn(player.createdAt),
    boundAt: unpackColumn(player.boundAt),
    runningAt: unpackColumn(player.runningAt),
    endedAt: unpackColumn(player.endedAt),
    cpu: unpackColumn(player.cpuMillicores),
    memory: unpackColumn(player.memoryBytes),
    gpu: unpackColumn(player.gpuMilli),
    qos: unpackColumn(player.qos),
    priority: unpackColumn(player.priority),
    workload: unpackColumn(player.workload),
    outcome: unpackColumn(player.outcome),
  }
}

/** What nodes have of a resource, by index. */
export function capacities(player: Player, resource: PlayerResource): Float64Array {
  return Float64Array.from(player.nodes, (node) => {
    if (resource === 'cpu') return node.cpuMillicores
    return resource === 'memory' ? node.memoryBytes : node.gpuMilli
  })
}

/** Resources that some node has: a cluster without GPUs is not asked for them. */
export function offeredResources(player: Player): PlayerResource[] {
  return PLAYER_RESOURCES.filter((resource) => capacities(player, resource).some((amount) => amount > 0))
}
