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
  /** Changes of nodes that are followed. */
  #changes = 0

  constructor(key: string, nodes: NodeView) {
    this.key = key
    this.#nodes = nodes
  }

  get valueCount(): number {
    return this.#numbers.size
  }

  get values(): Readonly<Int32Array> {
    return this.#values
  }

  valueAt(node: NodeIndex): number {
    return this.#values[node] ?? -1
  }

  /** Looks at the nodes whose objects have changed. */
  refresh(): void {
    const { changed, objectVersion, staticEpoch } = this.#nodes
    if (this.#revision === staticEpoch) return
    this.#revision = staticEpoch
    const isWider = this.#values.length < objectVersion.length
    if (isWider) {
      this.#values = new Int32Array(objectVersion.length).fill(-1)
      this.#seen = new Int32Array(objectVersion.length)
    }
    const since = changed.count - this.#changes
    if (isWider || since > objectVersion.length || !changed.covers(this.#changes)) {
      for (let node = 0; node < objectVersion.length; node++) this.#look(node)
    } else for (let count = this.#changes; count < changed.count; count++) this.#look(changed.at(count))
    this.#changes = changed.count
  }

  #look(node: NodeIndex): void {
    const version = this.#nodes.objectVersion[node] ?? 0
    if (this.#seen[node] === version) return
    this.#seen[node] = version
    this.#values[node] = this.#nodes.has(node) ? this.#numberOf(this.#nodes.labels(node)[this.key]) : -1
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
