import type { NodeIndex } from './framework/node-columns.ts'
import { SCORE_MAX } from './framework/plugin.ts'
import { checkScores } from './normalize.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PodClass } from './pod-class.ts'
import type { PluginIndex, Profile } from './profile.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** Most pod classes whose verdicts and scores are kept. */
const CLASSES_MAX = 64

/** Verdicts and scores of one pod class by node, each valid while the node's version is the one it was made at. */
interface ClassEntry {
  readonly podClass: PodClass
  readonly filters: readonly PluginIndex[]
  /** Plugins whose scores stand as they are. */
  readonly fixed: readonly PluginIndex[]
  /** Plugins whose scores are scaled by the maximum over the nodes found. */
  readonly scaled: readonly PluginIndex[]
  /** State of `prepareScore` by plugin, valid while `staticEpoch` is the view's. */
  readonly states: unknown[]
  staticEpoch: number
  version: Int32Array
  isFeasible: Uint8Array
  /** Sum of the weighted scores of the fixed plugins. */
  total: Float64Array
  /** Raw scores of the scaled plugins, each its own column. */
  raw: Float64Array[]
}

/** Nodes found by the index, with their totals; the arrays are refilled by the next search. */
export interface IndexedSearch {
  found: Int32Array
  totals: Float64Array
  count: number
  evaluated: number
}

/**
 * The fast path of search and scores: remembers, for each class of pods, what filters and scores said of each node, and
 * asks again only about nodes that changed since. Answers as `cycle.ts` does, or not at all (`applies`).
 *
 * Cost of a decision: O(nodes visited) array reads plus the plugins' calls on changed nodes.
 */
export class ScoreIndex {
  readonly #cluster: SchedulerCluster
  readonly #entries = new Map<PodClass, ClassEntry | undefined>()
  readonly #search: IndexedSearch = {
    found: new Int32Array(0),
    totals: new Float64Array(0),
    count: 0,
    evaluated: 0,
  }
  /** Positions of the nodes in the order, for reading without bounds. */
  #order = new Int32Array(0)
  #orderOf: readonly NodeIndex[] | undefined

  constructor(cluster: SchedulerCluster) {
    this.#cluster = cluster
  }

  /**
   * Searches from `start` until `limit` nodes are found and adds up their scores; undefined when the class has to be
   * decided by the definition: a plugin needs the whole cluster or the nodes found, or PreFilter left nodes out.
   */
  search(profile: Profile, podClass: PodClass, start: number, limit: number): IndexedSearch | undefined {
    if (profile.filter.length === 0) return undefined
    const entry = this.#entryOf(profile, podClass)
    if (entry === undefined) return undefined
    this.#refresh(profile, entry)
    this.#find(profile, entry, start, limit)
    if (this.#search.count > 1) this.#total(profile, entry)
    return this.#search
  }

  #entryOf(profile: Profile, podClass: PodClass): ClassEntry | undefined {
    if (this.#entries.has(podClass)) return this.#entries.get(podClass)
    const entry = makeEntry(profile, podClass)
    if (this.#entries.size >= CLASSES_MAX) this.#evictOldest(entry)
    this.#entries.set(podClass, entry)
    return entry
  }

  /** Drops the class that came first; a new entry takes over its columns, so that a new class allocates none. */
  #evictOldest(heir: ClassEntry | undefined): void {
    const oldest = this.#entries.keys().next()
    if (oldest.done === true) return
    const evicted = this.#entries.get(oldest.value)
    this.#entries.delete(oldest.value)
    if (evicted === undefined || heir === undefined || evicted.raw.length !== heir.scaled.length) return
    heir.version = evicted.version.fill(0)
    heir.isFeasible = evicted.isFeasible
    heir.total = evicted.total
    heir.raw = evicted.raw
  }

  /** Makes room for all nodes, and forgets everything that a change of Node objects may have made stale. */
  #refresh(profile: Profile, entry: ClassEntry): void {
    const { nodes, order } = this.#cluster
    if (this.#orderOf !== order) {
      this.#orderOf = order
      this.#order = Int32Array.from(order)
      this.#search.found = new Int32Array(order.length)
      this.#search.totals = new Float64Array(order.length)
    }
    const capacity = nodes.version.length
    if (entry.version.length !== capacity) {
      entry.version = new Int32Array(capacity)
      entry.isFeasible = new Uint8Array(capacity)
      entry.total = new Float64Array(capacity)
      entry.raw = entry.scaled.map(() => new Float64Array(capacity))
      entry.staticEpoch = -1
    }
    if (entry.staticEpoch === nodes.staticEpoch) return
    entry.staticEpoch = nodes.staticEpoch
    let hasState = false
    for (const index of [...entry.fixed, ...entry.scaled]) {
      const plugin = profile.plugins[index]
      if (plugin?.prepareScore === undefined) continue
      hasState = true
      const prepared = plugin.prepareScore(entry.podClass.terms[index], this.#cluster, [])
      entry.states[index] = 'state' in prepared ? prepared.state : undefined
    }
    if (hasState) entry.version.fill(0)
  }

  #find(profile: Profile, entry: ClassEntry, start: number, limit: number): void {
    const { version } = this.#cluster.nodes
    const order = this.#order
    const { found } = this.#search
    const { version: seen, isFeasible } = entry
    const count = order.length
    let foundCount = 0
    let visited = 0
    let position = start
    for (; visited < count; visited++) {
      const node = order[position] as NodeIndex
      if (++position === count) position = 0
      if (seen[node] !== version[node]) this.#evaluate(profile, entry, node)
      if (isFeasible[node] === 0) continue
      if (foundCount === limit) break
      found[foundCount++] = node
    }
    this.#search.count = foundCount
    this.#search.evaluated = visited
  }

  #evaluate(profile: Profile, entry: ClassEntry, node: NodeIndex): void {
    entry.version[node] = this.#cluster.nodes.version[node] ?? 0
    entry.isFeasible[node] = this.#passes(profile, entry, node) ? 1 : 0
    if (entry.isFeasible[node] === 0) return
    let total = 0
    for (const index of entry.fixed) {
      total += this.#scoreOf(profile, entry, index, node) * (profile.weights[index] ?? 1)
    }
    entry.total[node] = total
    for (let i = 0; i < entry.scaled.length; i++) {
      const column = entry.raw[i]
      if (column !== undefined) column[node] = this.#scoreOf(profile, entry, entry.scaled[i] ?? 0, node)
    }
  }

  #passes(profile: Profile, entry: ClassEntry, node: NodeIndex): boolean {
    const { terms } = entry.podClass
    for (const index of entry.filters) {
      const plugin = profile.plugins[index]
      const columns = profile.columns[index]
      if (plugin?.filter === undefined || columns === undefined) continue
      try {
        if (plugin.filter(terms[index], node, columns, undefined) !== undefined) return false
      } catch (error) {
        throw pluginFailure(plugin.name, 'filter', error, `node ${this.#cluster.nodes.name(node)}`)
      }
    }
    return true
  }

  #scoreOf(profile: Profile, entry: ClassEntry, index: PluginIndex, node: NodeIndex): number {
    const plugin = profile.plugins[index]
    const columns = profile.columns[index]
    if (plugin?.score === undefined || columns === undefined) return 0
    try {
      const score = plugin.score(entry.podClass.terms[index], node, columns, entry.states[index])
      const isFixed = plugin.normalize === undefined || plugin.normalize === 'none'
      if (isFixed) checkScores(plugin.name, [score], () => `node ${this.#cluster.nodes.name(node)}`)
      return score
    } catch (error) {
      throw pluginFailure(plugin.name, 'score', error, `node ${this.#cluster.nodes.name(node)}`)
    }
  }

  /** Adds the scaled plugins to the totals of the nodes found: `normalize.ts`, with the columns as they stand. */
  #total(profile: Profile, entry: ClassEntry): void {
    const { found, totals, count } = this.#search
    for (let i = 0; i < count; i++) totals[i] = entry.total[found[i] ?? 0] ?? 0
    for (let k = 0; k < entry.scaled.length; k++) {
      const index = entry.scaled[k] ?? 0
      const column = entry.raw[k]
      if (column === undefined) continue
      const weight = profile.weights[index] ?? 1
      const isReversed = profile.plugins[index]?.normalize === 'by-maximum-reversed'
      let maximum = 0
      for (let i = 0; i < count; i++) {
        const raw = column[found[i] ?? 0] ?? 0
        if (raw > maximum) maximum = raw
      }
      if (maximum === 0) {
        if (!isReversed) continue
        for (let i = 0; i < count; i++) totals[i] = (totals[i] ?? 0) + SCORE_MAX * weight
        continue
      }
      for (let i = 0; i < count; i++) {
        const scaled = Math.trunc((SCORE_MAX * (column[found[i] ?? 0] ?? 0)) / maximum)
        totals[i] = (totals[i] ?? 0) + (isReversed ? SCORE_MAX - scaled : scaled) * weight
      }
    }
  }
}

/** The entry of a class, or undefined when the index does not apply to it. */
function makeEntry(profile: Profile, podClass: PodClass): ClassEntry | undefined {
  const filters: PluginIndex[] = []
  const skipped = new Set<PluginIndex>()
  for (const index of profile.preFilter) {
    const screening = podClass.screenings[index]
    if (screening !== undefined) {
      if (!('skip' in screening)) return undefined
      skipped.add(index)
    } else if (profile.plugins[index]?.prepare !== undefined) return undefined
  }
  for (const index of profile.filter) if (!skipped.has(index)) filters.push(index)
  const fixed: PluginIndex[] = []
  const scaled: PluginIndex[] = []
  for (const index of podClass.scorers) {
    const plugin = profile.plugins[index]
    if (plugin === undefined || typeof plugin.normalize === 'function') return undefined
    if (plugin.prepareScore !== undefined && plugin.prepareScoreFrom !== 'node-objects') return undefined
    if (plugin.normalize === undefined || plugin.normalize === 'none') fixed.push(index)
    else scaled.push(index)
  }
  return {
    podClass,
    filters,
    fixed,
    scaled,
    states: [],
    staticEpoch: -1,
    version: new Int32Array(0),
    isFeasible: new Uint8Array(0),
    total: new Float64Array(0),
    raw: [],
  }
}
