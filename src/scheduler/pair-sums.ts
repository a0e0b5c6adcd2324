import { widened } from '../base/widen.ts'
import type { TemplateId } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PairColumn, PairSums, PairWeigher, PairWeight } from './framework/topology.ts'
import { NO_TEMPLATE } from './node-log.ts'
import type { NodeView } from './node-view.ts'
import type { PlacedShape } from './pod-shapes.ts'
import type { TopologyColumn } from './topology-columns.ts'

/** So many weighers more are kept before anybody looks how much that is. */
const KEPT_STEP = 64
/** Nodes and templates that all kept sums may have together; a node takes 16 bytes. */
const CELLS_MAX = 8_000_000

/** Sums of one label, with what each node added and to which pair, so that it can be taken out again. */
class Column implements PairColumn {
  readonly topology: TopologyColumn
  sums = new Float64Array(0)
  /** What the pods of each node come to. */
  amounts = new Float64Array(0)
  /** How many weights that is. */
  counts = new Int32Array(0)
  /** Number of the pair that the node's amount is in, and 1; 0 while it is in none. */
  places = new Int32Array(0)

  constructor(topology: TopologyColumn) {
    this.topology = topology
  }

  /** Makes room for all nodes and values. */
  widen(capacity: number): void {
    this.topology.refresh()
    const { valueCount } = this.topology
    if (this.sums.length < valueCount) this.sums = widened(this.sums, Math.max(16, valueCount * 2))
    if (this.amounts.length >= capacity) return
    this.amounts = widened(this.amounts, capacity)
    this.counts = widened(this.counts, capacity)
    this.places = widened(this.places, capacity)
  }

  clear(): void {
    this.sums.fill(0)
    this.amounts.fill(0)
    this.counts.fill(0)
    this.places.fill(0)
  }
}

/** The sums of one weigher, true when the view had changed so often. */
class KeptSums implements PairSums {
  readonly columns: Column[] = []
  count = 0
  total = 0
  /** Changes of the view that are counted; -1 before the first count. */
  changes = -1
  /** Asks for any sums at the time when these were asked for last. */
  usedAt = 0
  readonly #weigher: PairWeigher
  readonly #nodes: NodeView
  readonly #topology: (key: string) => TopologyColumn
  /** State of the weigher's nodes that the sums are of. */
  #nodesRevision: number | undefined
  /** What the weigher said of each template. */
  readonly #weights: (readonly PairWeight[] | undefined)[] = []

  constructor(weigher: PairWeigher, nodes: NodeView, topology: (key: string) => TopologyColumn) {
    this.#weigher = weigher
    this.#nodes = nodes
    this.#topology = topology
  }

  /** Nodes of all columns, and templates that were weighed. */
  get cells(): number {
    return this.#weights.length + this.columns.length * this.#nodes.version.length
  }

  refresh(): void {
    const { changed, order, version } = this.#nodes
    // Other pods on a node say nothing of the values of nodes that changed: these are brought up to date all the same.
    for (const column of this.columns) column.widen(version.length)
    if (this.#nodesRevision !== this.#weigher.nodesRevision) this.#settleAll()
    if (this.changes === changed.count) return
    const isKnown = this.changes >= 0 && changed.covers(this.changes)
    if (!isKnown || !this.#recountChanged(order.length)) this.#recountAll()
    this.changes = changed.count
  }

  /** Recounts nodes to which something happened that these sums may be of; false when it happened more than `max` times. */
  #recountChanged(max: number): boolean {
    const { changed, shapes } = this.#nodes
    let times = 0
    for (let count = this.changes; count < changed.count; count++) {
      const template = changed.templateAt(count)
      if (template !== NO_TEMPLATE && !this.#hasWeight(template, shapes.ofPlaced(template))) continue
      times += 1
      if (times > max) return false
      this.#recount(changed.at(count))
    }
    return true
  }

  #recountAll(): void {
    const { affinity, order } = this.#nodes
    for (const column of this.columns) column.clear()
    this.count = 0
    this.total = 0
    const { isOfAffinityPods, countsTerminating } = this.#weigher
    // The list of pods with terms does not say which of them are being deleted.
    if (!isOfAffinityPods || !countsTerminating) {
      for (const node of order) this.#gather(node)
      for (const column of this.columns) for (const node of order) this.#settle(column, node)
      return
    }
    for (const { shape, nodes, counts } of affinity.list()) {
      const weights = this.#weightsOf(shape)
      if (weights.length === 0) continue
      for (let i = 0; i < nodes.length; i++) this.#add(weights, nodes[i] ?? 0, counts[i] ?? 0)
    }
    for (const column of this.columns) {
      for (let node = 0; node < column.counts.length; node++) this.#settle(column, node)
    }
  }

  /** Other nodes count now. */
  #settleAll(): void {
    this.#nodesRevision = this.#weigher.nodesRevision
    this.count = 0
    this.total = 0
    for (const column of this.columns) {
      column.sums.fill(0)
      column.places.fill(0)
      for (let node = 0; node < column.counts.length; node++) this.#settle(column, node)
    }
  }

  /** Takes out what the node added, and adds what its pods come to now. */
  #recount(node: NodeIndex): void {
    for (const column of this.columns) {
      const place = column.places[node] as number
      const amount = column.amounts[node] as number
      if (place > 0) {
        column.sums[place - 1] = (column.sums[place - 1] as number) - amount
        this.total -= amount
        this.count -= column.counts[node] as number
      }
      column.places[node] = 0
      column.amounts[node] = 0
      column.counts[node] = 0
    }
    this.#gather(node)
    for (const column of this.columns) this.#settle(column, node)
  }

  /** Adds up the pods of a node. */
  #gather(node: NodeIndex): void {
    const nodes = this.#nodes
    const { shapes } = nodes
    const { countsTerminating, isOfAffinityPods } = this.#weigher
    const pods = nodes.podCount(node)
    for (let place = 0; place < pods; place++) {
      const pod = nodes.podRowAt(node, place)
      const base = shapes.baseOf(pod)
      if (isOfAffinityPods && !base.hasPodAffinity) continue
      const weights = this.#weightsOf(base)
      if (weights.length === 0 || (!countsTerminating && shapes.isTerminating(pod))) continue
      this.#add(weights, node, 1)
    }
  }

  #add(weights: readonly PairWeight[], node: NodeIndex, pods: number): void {
    for (const { topologyKey, weight } of weights) {
      const column = this.#columnOf(topologyKey)
      column.amounts[node] = (column.amounts[node] as number) + weight * pods
      column.counts[node] = (column.counts[node] as number) + pods
    }
  }

  /** Adds what the pods of a node come to to its pair. */
  #settle(column: Column, node: NodeIndex): void {
    const count = column.counts[node] as number
    if (count === 0) return
    const { nodes, takesUnlabelled } = this.#weigher
    if (nodes !== undefined && nodes[node] !== 1) return
    const value = column.topology.valueAt(node)
    if (value < 0 && (takesUnlabelled !== true || !this.#nodes.has(node))) return
    const place = Math.max(0, value)
    const amount = column.amounts[node] as number
    column.places[node] = place + 1
    column.sums[place] = (column.sums[place] as number) + amount
    this.total += amount
    this.count += count
  }

  #columnOf(key: string): Column {
    for (const column of this.columns) if (column.topology.key === key) return column
    const column = new Column(this.#topology(key))
    column.widen(this.#nodes.version.length)
    this.columns.push(column)
    return column
  }

  /** Whether pods of a template may have added something. */
  #hasWeight(template: TemplateId, base: PlacedShape | undefined): boolean {
    const weights = this.#weights[template] ?? (base === undefined ? undefined : this.#weightsOf(base))
    return weights !== undefined && weights.length > 0
  }

  #weightsOf(base: PlacedShape): readonly PairWeight[] {
    const { template } = base
    let weights = this.#weights[template]
    if (weights === undefined) {
      weights = this.#weigher.weigh(base)
      this.#weights[template] = weights
    }
    return weights
  }
}

/**
 * What pods on nodes add to topology pairs, kept from one scheduling cycle to the next: only nodes that changed since
 * are looked at again. Sums that were not asked for in a long time are dropped.
 *
 * Cost: O(pods on nodes that pods with a weight came to or left). The first count is O(pods), or O(nodes with such pods) where only pods with terms of pod affinity
 * add anything.
 */
export class PairSumsByWeigher {
  readonly #nodes: NodeView
  readonly #topology: (key: string) => TopologyColumn
  readonly #kept = new Map<PairWeigher, KeptSums>()
  #asks = 0

  constructor(nodes: NodeView, topology: (key: string) => TopologyColumn) {
    this.#nodes = nodes
    this.#topology = topology
  }

  of(weigher: PairWeigher): PairSums {
    const kept = this.#kept.get(weigher) ?? this.#make(weigher)
    kept.usedAt = ++this.#asks
    kept.refresh()
    return kept
  }

  #make(weigher: PairWeigher): KeptSums {
    const isFull = this.#kept.size > 0 && this.#kept.size % KEPT_STEP === 0
    if (isFull && this.#cells() > CELLS_MAX) this.#dropOldHalf()
    const made = new KeptSums(weigher, this.#nodes, this.#topology)
    this.#kept.set(weigher, made)
    return made
  }

  #cells(): number {
    let cells = 0
    for (const kept of this.#kept.values()) cells += kept.cells
    return cells
  }

  #dropOldHalf(): void {
    const uses = [...this.#kept.values()].map(({ usedAt }) => usedAt).sort((one, other) => one - other)
    const median = uses[uses.length >> 1] ?? 0
    for (const [weigher, { usedAt }] of this.#kept) if (usedAt < median) this.#kept.delete(weigher)
  }
}
