import type {
  ClusterView,
  NodeIndex,
  PairCheck,
  PairSums,
  Topology,
} from '../src/scheduler/framework/index.ts'

/** What was added to the pairs of one label, or what it came to on trial. */
interface KeySums {
  readonly topology: Topology
  readonly sums: ArrayLike<number>
}

/**
 * Numbers by topology pair, a node label and its value: what the cluster keeps for a weigher, with changes on trial that
 * others do not see.
 */
export class TopologySums {
  readonly #cluster: ClusterView
  readonly #kept: PairSums
  /** Columns that were changed on trial, each a copy of what is kept. */
  #changed: Map<string, { readonly topology: Topology; readonly sums: Float64Array }> | undefined
  /** All columns as they stand; undefined when that has to be found out. */
  #all: readonly KeySums[] | undefined
  #added = 0

  constructor(kept: PairSums, cluster: ClusterView) {
    this.#kept = kept
    this.#cluster = cluster
  }

  /** Sum of all that was added. */
  get total(): number {
    return this.#kept.total + this.#added
  }

  /** Adds to the pair of the node on trial; nothing when the node does not have the label. */
  add(key: string, node: NodeIndex, amount: number): void {
    const topology = this.#columnOf(key)?.topology ?? this.#cluster.topology(key)
    const value = topology.valueAt(node)
    if (value < 0) return
    this.#changed ??= new Map()
    let changed = this.#changed.get(key)
    if (changed === undefined) {
      const sums = new Float64Array(topology.valueCount)
      const kept = this.#columnOf(key)?.sums
      if (kept !== undefined) for (let i = 0; i < sums.length; i++) sums[i] = kept[i] ?? 0
      changed = { topology, sums }
      this.#changed.set(key, changed)
      this.#all = undefined
    }
    changed.sums[value] = (changed.sums[value] ?? 0) + amount
    this.#added += amount
  }

  /** The number of the node's pair; 0 when the node does not have the label. */
  at(key: string, node: NodeIndex): number {
    const column = this.#columnOf(key)
    return column === undefined ? 0 : valueOf(column, node)
  }

  /** Whether the pair of the node is above 0 for some key. */
  isAboveZeroAt(node: NodeIndex): boolean {
    for (const column of this.#columns()) if (valueOf(column, node) > 0) return true
    return false
  }

  /** As checks: no pair of the node is above 0. */
  checks(): readonly PairCheck[] {
    return this.#columns().map(({ topology, sums }) => {
      return { topology, sums, least: -Infinity, most: 0, passesWithout: true }
    })
  }

  /** As a check: the node has the label, and its pair is at least this. */
  checkAtLeast(key: string, least: number): PairCheck {
    const column = this.#columnOf(key)
    const topology = column?.topology ?? this.#cluster.topology(key)
    const sums = column?.sums ?? new Float64Array(topology.valueCount)
    return { topology, sums, least, most: Infinity, passesWithout: false }
  }

  #columns(): readonly KeySums[] {
    const changed = this.#changed
    if (changed === undefined) return this.#kept.columns
    if (this.#all !== undefined) return this.#all
    const untouched = this.#kept.columns.filter(({ topology }) => !changed.has(topology.key))
    this.#all = [...untouched, ...changed.values()]
    return this.#all
  }

  #columnOf(key: string): KeySums | undefined {
    const changed = this.#changed?.get(key)
    if (changed !== undefined) return changed
    for (const column of this.#kept.columns) if (column.topology.key === key) return column
    return undefined
  }
}

function valueOf({ topology, sums }: KeySums, node: NodeIndex): number {
  const value = topology.valueAt(node)
  return value < 0 ? 0 : (sums[value] ?? 0)
}
