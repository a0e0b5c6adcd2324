import type { PodColumns } from '../../../../../src/report/page/client/player/pod-columns.ts'
import { packColumn } from '../../../../../src/report/page/packed-column.ts'
import type { PackedColumn, Player, PlayerNode } from '../../../../../src/report/page/report-data.ts'
import { unpackPods } from '../../../../../src/report/page/client/player/pod-columns.ts'

/** A pod of a made player; what is left out does not matter. */
export interface MadePod {
  readonly name?: string
  readonly node?: number
  /** When it is bound, where left out. */
  readonly createdAt?: number
  readonly boundAt?: number
  readonly runningAt?: number
  readonly endedAt?: number
  readonly cpu?: number
  readonly memory?: number
  readonly gpu?: number
  readonly qos?: number
  readonly priority?: number
  readonly workload?: number
}

/** A player of made pods. */
export function madePlayer(
  pods: readonly MadePod[],
  nodes: readonly PlayerNode[],
  lists: Partial<Pick<Player, 'priorities' | 'workloads' | 'decisions'>> = {},
): Player {
  const column = (type: PackedColumn['type'], value: (pod: MadePod) => number): PackedColumn =>
    packColumn(type, pods.map(value))
  return {
    nodes,
    podCount: pods.length,
    names: pods.map(({ name }, row) => name ?? `default/pod-${row}`),
    node: column('u32', ({ node }) => node ?? 0),
    createdAt: column('f64', ({ createdAt, boundAt }) => createdAt ?? boundAt ?? 0),
    boundAt: column('f64', ({ boundAt }) => boundAt ?? 0),
    runningAt: column('f64', ({ runningAt }) => runningAt ?? 0),
    endedAt: column('f64', ({ endedAt }) => endedAt ?? Infinity),
    cpuMillicores: column('f64', ({ cpu }) => cpu ?? 0),
    memoryBytes: column('f64', ({ memory }) => memory ?? 0),
    gpuMilli: column('f64', ({ gpu }) => gpu ?? 0),
    qos: column('u8', ({ qos }) => qos ?? 0),
    priorities: [0],
    priority: column('u16', ({ priority }) => priority ?? 0),
    workloads: ['web'],
    workload: column('u16', ({ workload }) => workload ?? 0),
    outcomes: ['running'],
    outcome: column('u8', () => 0),
    decisions: [],
    ...lists,
  }
}

/** Columns of made pods, as a page unpacks them. */
export function podColumns(pods: readonly MadePod[]): PodColumns {
  return unpackPods(madePlayer(pods, []))
}
