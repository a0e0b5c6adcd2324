import { widened } from '../base/widen.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { SCORE_MAX } from './framework/plugin.ts'
import { ANY_POD } from './index-plan.ts'
import type { Plan } from './index-plan.ts'
import { checkScores } from './normalize.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PluginIndex, Profile } from './profile.ts'
import type { SchedulerCluster } from './scheduler-cluster.ts'

/** The total of a node that a filter rejects. */
export const REJECTED = -1

/**
 * What some plugins of a profile said of each node for one set of terms. An answer stands while the node's version is
 * the one that it was given at; which version that is, of the node or of its object, is the caller's to know.
 */
export class PluginAnswers {
  readonly plan: Plan
  /** Version of the node at which it was asked about last. */
  version = new Int32Array(0)
  isFeasible = new Uint8Array(0)
  /** Plugin that rejected the node, where one did. */
  rejectedBy = new Int16Array(0)
  /** Sum of the weighted scores of the fixed plugins; `REJECTED` where a filter rejects. */
  total = new Float64Array(0)
  /** Raw scores of the scaled plugins, a column each. */
  raw: Float64Array<ArrayBuffer>[]
  readonly #profile: Profile
  readonly #terms: readonly unknown[]
  readonly #cluster: SchedulerCluster
  /** States of `prepareScore`, by plugin. */
  readonly #states: unknown[] = []
  /** Plugins that look at all Node objects to score one. */
  readonly #prepared: readonly PluginIndex[]
  #staticEpoch = -1
  #completeEpoch = -1
  #isFlat = true

  constructor(
    profile: Profile,
    plan: Plan,
    parts: {
      readonly terms: readonly unknown[]
      readonly cluster: SchedulerCluster
      /** Answers that nobody needs any more, whose columns serve again. */
      readonly spare?: PluginAnswers | undefined
    },
  ) {
    this.#profile = profile
    this.plan = plan
    this.#terms = parts.terms
    this.#cluster = parts.cluster
    this.#prepared = [...plan.fixed, ...plan.scaled].filter(
      (index) => profile.plugins[index]?.prepareScoreFrom === 'node-objects',
    )
    this.raw = plan.scaled.map(() => new Float64Array(0))
    const { spare } = parts
    if (spare?.raw.length !== plan.scaled.length) return
    this.version = spare.version.fill(0)
    this.isFeasible = spare.isFeasible
    this.rejectedBy = spare.rejectedBy
    this.total = spare.total
    this.raw = spare.raw
  }

  /** Makes room for all nodes, and forgets what a change of Node objects elsewhere may have made stale. */
  refresh(): void {
    const { nodes } = this.#cluster
    if (this.version.length < nodes.version.length) this.#widen(nodes.version.length)
    if (this.#staticEpoch === nodes.staticEpoch) return
    this.#staticEpoch = nodes.staticEpoch
    for (const index of this.#prepared) {
      const plugin = this.#profile.plugins[index]
      const result = plugin?.prepareScore?.(this.#terms[index], this.#cluster, [], ANY_POD, undefined)
      this.#states[index] = result !== undefined && 'state' in result ? result.state : undefined
    }
    if (this.comparesNodes) this.version.fill(0)
  }

  /** The `staticEpoch` of the nodes that `complete` brought the answers to; -1 before. */
  get completeEpoch(): number {
    return this.#completeEpoch
  }

  /** Whether what is said of a node may change with the object of another. */
  get comparesNodes(): boolean {
    return this.#prepared.length > 0
  }

  /** Whether the scaled plugins gave every node nothing when `complete` was called last: they move no choice then. */
  get isFlat(): boolean {
    return this.#isFlat
  }

  /** Asks about every node whose object changed: for plans of plugins that look at Node objects only. */
  complete(order: Int32Array): void {
    this.refresh()
    const { staticEpoch, objectVersion } = this.#cluster.nodes
    if (this.#completeEpoch === staticEpoch) return
    this.#completeEpoch = staticEpoch
    this.#askChanged(order, objectVersion)
  }

  #askChanged(order: Int32Array, objectVersion: Int32Array): void {
    for (const node of order) {
      const current = objectVersion[node] as number
      if (this.version[node] === current) continue
      this.version[node] = current
      this.ask(node)
    }
    this.#isFlat = this.raw.every((column) =>
      order.every((node) => this.isFeasible[node] === 0 || column[node] === 0),
    )
  }

  #widen(capacity: number): void {
    this.version = widened(this.version, capacity)
    this.isFeasible = widened(this.isFeasible, capacity)
    this.rejectedBy = widened(this.rejectedBy, capacity)
    this.total = widened(this.total, capacity)
    this.raw = this.raw.map((column) => widened(column, capacity))
  }

  /** Filters and scores of the plan's plugins on a node; false when a filter rejects it. */
  ask(node: NodeIndex): boolean {
    const { plan } = this
    const isFeasible = this.#filter(node)
    this.isFeasible[node] = isFeasible ? 1 : 0
    if (!isFeasible) {
      this.total[node] = REJECTED
      return false
    }
    let total = 0
    for (const index of plan.fixed) total += this.#score(index, node) * (this.#profile.weights[index] ?? 1)
    this.total[node] = total
    for (let i = 0; i < plan.scaled.length; i++) {
      const column = this.raw[i]
      if (column !== undefined) column[node] = this.#score(plan.scaled[i] ?? 0, node)
    }
    return true
  }

  #filter(node: NodeIndex): boolean {
    for (const index of this.plan.filters) {
      const plugin = this.#profile.plugins[index]
      const columns = this.#profile.columns[index]
      if (plugin?.filter === undefined || columns === undefined) continue
      try {
        if (plugin.filter(this.#terms[index], node, columns, undefined) === undefined) continue
        this.rejectedBy[node] = index
        return false
      } catch (error) {
        throw pluginFailure(plugin.name, 'filter', error, { node: this.#cluster.nodes.name(node) })
      }
    }
    return true
  }

  #score(index: PluginIndex, node: NodeIndex): number {
    const plugin = this.#profile.plugins[index]
    const columns = this.#profile.columns[index]
    if (plugin?.score === undefined || columns === undefined) return 0
    try {
      const score = plugin.score(this.#terms[index], node, columns, this.#states[index])
      const isFixed = plugin.normalize === undefined || plugin.normalize === 'none'
      const isValid = isFixed ? Number.isInteger(score) && score >= 0 && score <= SCORE_MAX : score >= 0
      if (!isValid) checkScores(plugin, [score], () => ({ node: this.#cluster.nodes.name(node) }))
      return score
    } catch (error) {
      throw pluginFailure(plugin.name, 'score', error, { node: this.#cluster.nodes.name(node) })
    }
  }
}
