import type { NodeIndex } from './framework/node-columns.ts'
import type { Topology } from './framework/topology.ts'
import type { NodeView } from './node-view.ts'

/** The value of one node label by node; follows the Node objects when it is asked for. */
export class TopologyColumn implements Topology {
  readonly key: string
  readonly #nodes: NodeView
  readonly #numbers = new Map<string, number>([['', 0]])
  #values = new Int32Array(0)
  #seen = new Int32Array(0)
  #revision = -1

  constructor(key: string, nodes: NodeView) {
    this.key = key
    this.#nodes = nodes
  }

  get valueCount(): number {
    return this.#numbers.size
  }

  valueAt(node: NodeIndex): number {
    return this.#values[node] ?? -1
  }

  /** Looks at the nodes whose objects have changed. */
  refresh(): void {
    const nodes = this.#nodes
    if (this.#revision === nodes.staticEpoch) return
    this.#revision = nodes.staticEpoch
    const { objectVersion } = nodes
    if (this.#values.length < objectVersion.length) {
      this.#values = new Int32Array(objectVersion.length).fill(-1)
      this.#seen = new Int32Array(objectVersion.length)
    }
    for (let node = 0; node < objectVersion.length; node++) {
      if (this.#seen[node] === objectVersion[node]) continue
      this.#seen[node] = objectVersion[node] ?? 0
      this.#values[node] = nodes.has(node) ? this.#numberOf(nodes.labels(node)[this.key]) : -1
    }
  }

  #numberOf(value: string | undefined): number {
    if (value === undefined) return -1
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    const number = this.#numbers.size
    this.#numbers.set(value, number)
    return number
  }
}
