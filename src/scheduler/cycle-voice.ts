import type { Cycle } from './cycle.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PairCheck, PairScore } from './framework/topology.ts'
import type { CyclePlan } from './index-plan.ts'
import { normalizeScores } from './normalize.ts'
import { pluginFailure } from './plugin-call.ts'
import type { PluginIndex } from './profile.ts'

const NO_VALUES = new Int32Array(0)
const NO_SUMS: ArrayLike<number> = new Float64Array(0)

/**
 * Speaks for the plugins of a plan that prepare for each cycle. What a plugin can say in terms of topology pairs is
 * answered by array reads; the others are asked by their methods.
 */
export class CycleVoice {
  readonly #cycle: Cycle
  /** Filters that are asked by their methods. */
  readonly #asked: PluginIndex[] = []
  #scorers: readonly PluginIndex[] = []
  /** Checks, each at a place of these lists; the first is also kept apart. */
  readonly #values: Readonly<Int32Array>[] = []
  readonly #sums: ArrayLike<number>[] = []
  readonly #least: number[] = []
  readonly #most: number[] = []
  readonly #passesWithout: boolean[] = []
  /** Scores of the nodes found, as the plugin of the moment gives them. */
  readonly #scores: number[] = []

  constructor(cycle: Cycle) {
    this.#cycle = cycle
  }

  /** Runs PreFilter for the pod of the cycle; false when it rejects the pod or leaves nodes out. */
  begin({ filters, scorers }: CyclePlan): boolean {
    const cycle = this.#cycle
    if (cycle.preFilter() !== undefined || cycle.allowedNames !== undefined) return false
    this.#asked.length = 0
    this.#values.length = 0
    this.#scorers = scorers
    for (const index of filters) {
      if (cycle.isSkipped(index)) continue
      const plugin = cycle.profile.plugins[index]
      const checks = plugin?.checks?.(cycle.podClass.terms[index], cycle.stateOf(index))
      if (checks === undefined) this.#asked.push(index)
      else for (const check of checks) this.#take(check)
    }
    return true
  }

  /** Whether the plugins let the pod on the node. */
  admits(node: NodeIndex): boolean {
    for (let i = 0; i < this.#values.length; i++) {
      const value = (this.#values[i] ?? NO_VALUES)[node] as number
      if (value < 0) {
        if (this.#passesWithout[i] === false) return false
        continue
      }
      const sum = (this.#sums[i] ?? NO_SUMS)[value] as number
      if (sum > (this.#most[i] as number) || sum < (this.#least[i] as number)) return false
    }
    return this.#asked.length === 0 || this.#cycle.passes(node, this.#asked)
  }

  /** Adds what the plugins give the nodes found to their totals. */
  score(found: readonly NodeIndex[], totals: Float64Array): void {
    const cycle = this.#cycle
    const { profile } = cycle
    const others: PluginIndex[] = []
    for (const index of this.#scorers) {
      const plugin = profile.plugins[index]
      const isInPairs = plugin?.pairScore !== undefined && profile.preScore.includes(index)
      if (!isInPairs) others.push(index)
      else this.#scoreInPairs(index, found, totals)
    }
    if (others.length === 0) return
    const scores = cycle.score(found, { scorers: others })
    for (let i = 0; i < found.length; i++) totals[i] = (totals[i] ?? 0) + (scores[i] ?? 0)
  }

  #take({ topology, sums, least, most, passesWithout }: PairCheck): void {
    const place = this.#values.length
    this.#values[place] = topology.values
    this.#sums[place] = sums
    this.#least[place] = least
    this.#most[place] = most
    this.#passesWithout[place] = passesWithout
  }

  #scoreInPairs(index: PluginIndex, found: readonly NodeIndex[], totals: Float64Array): void {
    const { profile, podClass } = this.#cycle
    const plugin = profile.plugins[index]
    if (plugin?.pairScore === undefined) return
    const term = podClass.terms[index]
    try {
      const prepared = this.#cycle.prepareScore(index, found)
      if (prepared === undefined || 'skip' in prepared) return
      rank(plugin.pairScore(term, prepared.state), found, this.#scores)
      normalizeScores(plugin, this.#scores, found, term, prepared.state)
    } catch (error) {
      throw pluginFailure(plugin.name, 'score', error, {})
    }
    const weight = profile.weights[index] ?? 1
    const scores = this.#scores
    for (let i = 0; i < scores.length; i++) {
      totals[i] = (totals[i] as number) + (scores[i] as number) * weight
    }
  }
}

/** Raw scores of the nodes found, part by part: additions in the order of the parts, as the plugin's `score` makes them. */
function rank({ parts, needsAllLabels }: PairScore, found: readonly NodeIndex[], scores: number[]): void {
  const count = found.length
  for (let i = 0; i < count; i++) scores[i] = 0
  scores.length = count
  for (const { topology, amounts, isByNode, factor, offset } of parts) {
    const { values } = topology
    for (let i = 0; i < count; i++) {
      const node = found[i] as NodeIndex
      const value = values[node] as number
      if (value < 0) continue
      scores[i] = (scores[i] as number) + (amounts[isByNode ? node : value] ?? 0) * factor + offset
    }
  }
  for (let i = 0; i < count; i++) scores[i] = Math.round(scores[i] as number)
  if (!needsAllLabels) return
  for (const { topology } of parts) {
    for (let i = 0; i < count; i++) if (topology.valueAt(found[i] as NodeIndex) < 0) scores[i] = 0
  }
}
