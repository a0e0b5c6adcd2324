import { MINUTE } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { NodeIndex, NodeLoad } from './framework/node-columns.ts'
import type { NodeView } from './node-view.ts'
import type { RowPod } from './pod-shapes.ts'

/**
 * How long a pod is on its node until a measurement is taken to have it in. Source: kubernetes-sigs/scheduler-plugins,
 * pkg/trimaran/targetloadpacking `metricsAgentReportingIntervalSeconds`.
 */
const REPORTED_AFTER: Micros = MINUTE

const NO_LOADS: ReadonlyMap<NodeIndex, NodeLoad> = new Map()

/** What was measured of the nodes, and when. */
export class NodeLoads {
  readonly #view: NodeView
  #loads = NO_LOADS
  #measuredAt: Micros = 0
  #follows: ((node: NodeIndex) => NodeLoad) | undefined

  constructor(view: NodeView) {
    this.#view = view
  }

  of(node: NodeIndex): NodeLoad | undefined {
    return this.#follows === undefined ? this.#loads.get(node) : this.#follows(node)
  }

  /**
   * From now on a measurement has every pod in it at once: what it says of a node is a function of the pods there and of the Node object, whose
   * changes make stale what plugins said of the node.
   */
  follow(loadOf: (node: NodeIndex) => NodeLoad): void {
    this.#follows = loadOf
  }

  /** Pods of a node that the measurement does not have yet; O(pods of the node). */
  unmeasuredPods(node: NodeIndex): readonly RowPod[] {
    if (this.#follows !== undefined) return []
    const { shapes } = this.#view
    return this.#view.pods(node).filter(({ row }) => {
      const joinedAt = shapes.joinedAt(row)
      return joinedAt === undefined || this.#measuredAt - joinedAt < REPORTED_AFTER
    })
  }

  /** A new measurement takes the place of the last: what plugins said of any node is stale. O(nodes). */
  replace(loads: ReadonlyMap<NodeIndex, NodeLoad>, measuredAt: Micros): void {
    this.#loads = loads
    this.#measuredAt = measuredAt
    const view = this.#view
    if (view.order.length === 0) return
    view.epoch += 1
    for (const node of view.order) {
      view.version[node] = (view.version[node] ?? 0) + 1
      view.grown.add(node)
      view.changed.add(node)
    }
  }
}
