import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import { cordon } from './cordon.ts'
import { NodeDrains } from './node-drains.ts'
import type { DrainParts, DrainedNode, NodeDrainOptions } from './node-drains.ts'

/** Wait before another try to uncordon a node while the API server gives no answer. */
const UNCORDON_RETRY: Micros = 5 * SECOND

/** How nodes are drained. */
export interface DrainOptions extends NodeDrainOptions {
  /** How long an empty node stays cordoned; for good by default. */
  readonly uncordonAfter?: Micros | undefined
  /** Nodes that are drained at a time; 1 by default, as kubectl has it. */
  readonly nodesMax?: number
}

/**
 * Cordons nodes, and evicts their pods through the API, which disruption budgets may refuse for a time; DaemonSet and static pods
 * stay. All nodes are cordoned first; then they are emptied one after the other, or several at a time. A node that is given up
 * stays cordoned, and the next one has its turn.
 *
 * Source: kubectl v1.37, cmd/drain `RunDrain`.
 */
export class Drain {
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #options: DrainOptions
  readonly #waiting: string[]
  readonly #drains: NodeDrains
  readonly #uncordon: PayloadHandler<string>
  readonly #drained: (node: DrainedNode) => void
  #isStarting = false

  /** `drained` hears of each node that is done with. */
  constructor(
    parts: DrainParts,
    nodes: readonly string[],
    options: DrainOptions,
    drained: (node: DrainedNode) => void,
  ) {
    this.#sim = parts.sim
    this.#api = parts.api
    this.#options = options
    this.#waiting = nodes.filter((node) => cordon(parts.api, node, true))
    this.#drained = drained
    this.#drains = new NodeDrains(parts, options, (node) => this.#onDrained(node))
    this.#uncordon = parts.sim.payloadHandler<string>(`${parts.name}/uncordon`, (node) => {
      if (parts.api.availability.takesWrites) cordon(this.#api, node, false)
      else this.#sim.afterWith(UNCORDON_RETRY, this.#uncordon, node)
    })
    this.#startNext()
  }

  /** A node that ends as it begins comes back here through `#onDrained`: the loop goes on for it. */
  #startNext(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    const { nodesMax = 1 } = this.#options
    while (this.#drains.count < nodesMax) {
      const node = this.#waiting.shift()
      if (node === undefined) break
      this.#drains.start(node)
    }
    this.#isStarting = false
  }

  #onDrained(node: DrainedNode): void {
    const { uncordonAfter } = this.#options
    if (uncordonAfter !== undefined && node.left === 0) {
      this.#sim.afterWith(uncordonAfter, this.#uncordon, node.node)
    }
    this.#drained(node)
    this.#startNext()
  }
}
