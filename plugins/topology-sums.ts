import type { ClusterView, NodeIndex, Topology } from '../src/scheduler/framework/index.ts'

/** A number for each value of one node label. */
interface KeySums {
  readonly topology: Topology
  sums: Float64Array
}

/** Numbers by topology pair: a node label and its value. */
export class TopologySums {
  readonly #byKey = new Map<string, KeySums>()
  readonly #entries: KeySums[] = []
  /** Key that was asked for last: filters ask for the same one at every node. */
  #lastKey: string | undefined
  #last: KeySums | undefined
  readonly #cluster: ClusterView
  #isTouched = false
  #total = 0

  constructor(cluster: ClusterView) {
    this.#cluster = cluster
  }

  /** Whether anything was ever added, even 0. */
  get isTouched(): boolean {
    return this.#isTouched
  }

  /** Sum of all that was added. */
  get total(): number {
    return this.#total
  }

  /** Adds to the pair of the node; nothing when the node does not have the label. */
  add(key: string, node: NodeIndex, amount: number): void {
    const entry = this.#entryOf(key) ?? this.#open(key)
    const value = entry.topology.valueAt(node)
    if (value < 0) return
    entry.sums[value] = (entry.sums[value] ?? 0) + amount
    this.#isTouched = true
    this.#total += amount
  }

  /** The number of the node's pair; 0 when the node does not have the label. */
  at(key: string, node: NodeIndex): number {
    const entry = this.#entryOf(key)
    return entry === undefined ? 0 : valueOf(entry, node)
  }

  /** Whether the pair of the node is above 0 for some key. */
  isAboveZeroAt(node: NodeIndex): boolean {
    for (const entry of this.#entries) if (valueOf(entry, node) > 0) return true
    return false
  }

  /** Sum over all keys of the numbers of the node's pairs. */
  sumAt(node: NodeIndex): number {
    let sum = 0
    for (const entry of this.#entries) sum += valueOf(entry, node)
    return sum
  }

  #entryOf(key: string): KeySums | undefined {
    if (key === this.#lastKey) return this.#last
    this.#lastKey = key
    this.#last = this.#byKey.get(key)
    return this.#last
  }

  #open(key: string): KeySums {
    const topology = this.#cluster.topology(key)
    const entry = { topology, sums: new Float64Array(topology.valueCount) }
    this.#byKey.set(key, entry)
    this.#entries.push(entry)
    this.#lastKey = key
    this.#last = entry
    return entry
  }
}

function valueOf({ topology, sums }: KeySums, node: NodeIndex): number {
  const value = topology.valueAt(node)
  return value < 0 ? 0 : (sums[value] ?? 0)
}
