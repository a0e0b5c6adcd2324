import { MILLISECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { Cycle } from './cycle.ts'
import type { PluginScores } from './scoring.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { PodClass } from './pod-class.ts'
import { PodSignatures } from './pod-signature.ts'
import type { Profile } from './profile.ts'
import { ScoredHeap } from './scored-heap.ts'
import type { ScoredNode } from './scored-heap.ts'

/** How long the nodes that a search found may serve later pods (kube-scheduler v1.37, framework/runtime `maxBatchAge`). */
const BATCH_AGE_MAX: Micros = 500 * MILLISECOND

/** What a search left for equal pods that come right after. */
interface Batch {
  readonly signature: string
  readonly madeAt: Micros
  heap: ScoredHeap
}

/**
 * Opportunistic batching: a pod that equals the one just placed is given the next best node of the search for that one
 * as a hint, instead of a search of its own.
 *
 * Source: kube-scheduler v1.37, framework/runtime `OpportunisticBatch`; feature gate OpportunisticBatching.
 */
export class Batches {
  readonly #cycle: Cycle
  readonly #signatures = new PodSignatures()
  readonly #byProfile = new Map<Profile, Batch>()
  /** What the cycle just before placed; undefined when it failed. */
  #last: { readonly profile: Profile; readonly node: NodeIndex } | undefined

  constructor(cycle: Cycle) {
    this.#cycle = cycle
  }

  /** Whether the pod takes part: a plugin may not be able to say what makes pods equal. */
  concerns(profile: Profile, podClass: PodClass): boolean {
    return this.#signatures.of(profile, podClass) !== undefined
  }

  /** Whether any pod of the profile may take part. */
  concernsAny(profile: Profile): boolean {
    return profile.signers.length > 0
  }

  /** The cycle failed, or did not run: its successor gets no hint. */
  failed(): void {
    this.#last = undefined
  }

  /** The node to try first for the pod of the cycle, whose PreFilter has run; `NO_NODE` without a hint. */
  hint(now: Micros): NodeIndex {
    const { profile, podClass } = this.#cycle
    const last = this.#last
    const batch = this.#byProfile.get(profile)
    if (batch === undefined || last?.profile !== profile || batch.heap.size === 0) return NO_NODE
    if (this.#signatures.of(profile, podClass) !== batch.signature) return NO_NODE
    if (now - batch.madeAt > BATCH_AGE_MAX) return NO_NODE
    if (!this.#cycle.cluster.nodes.has(last.node)) return NO_NODE
    if (this.#cycle.checkAlone(last.node) === undefined) batch.heap = this.#withNode(batch.heap, last.node)
    return batch.heap.pop()?.node ?? NO_NODE
  }

  /**
   * The cycle placed its pod on the hint, or on the only node that was feasible, or on the best of those that its search
   * found, with what the plugins gave them.
   */
  placed(node: NodeIndex, by: 'hint' | 'alone' | SearchScores, now: Micros): void {
    const { profile, podClass } = this.#cycle
    this.#last = { profile, node }
    if (by === 'hint') return
    const signature = this.#signatures.of(profile, podClass)
    if (by === 'alone' || signature === undefined) {
      this.#byProfile.delete(profile)
      return
    }
    const heap = new ScoredHeap(scoredNodes(this.#cycle, by))
    heap.pop()
    this.#byProfile.set(profile, { signature, madeAt: now, heap })
  }

  /** The heap with a node that takes one pod more: it is scored anew, and all scores are normalised again. */
  #withNode(heap: ScoredHeap, node: NodeIndex): ScoredHeap {
    const kept = heap.nodes
    const found = [...kept.map((one) => one.node), node]
    const scores: PluginScores[] = []
    const totals = this.#cycle.score(found, {
      details: scores,
      kept: (index, place) => kept[place]?.raw.get(index),
    })
    return new ScoredHeap(scoredNodes(this.#cycle, { found, totals, scores }))
  }
}

/** What a search found, and what the plugins gave each node, in the same order. */
export interface SearchScores {
  readonly found: readonly NodeIndex[]
  readonly totals: readonly number[]
  readonly scores: readonly PluginScores[]
}

function scoredNodes(cycle: Cycle, { found, totals, scores }: SearchScores): ScoredNode[] {
  const raws = scores.map(({ plugin, raw }) => ({ index: cycle.profile.indexOf(plugin), raw }))
  return found.map((node, place) => {
    const raw = new Map(raws.map((one) => [one.index, one.raw[place] ?? 0]))
    return { node, total: totals[place] ?? 0, raw }
  })
}
