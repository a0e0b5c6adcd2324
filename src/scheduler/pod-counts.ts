import type { PodShape } from './framework/pod-shape.ts'
import type { PodMatcher } from './framework/topology.ts'
import type { NodeView } from './node-view.ts'

/** Fewest matchers whose counts are kept. */
const KEPT_MIN = 64
/** Nodes that all kept counts may have together, beyond the fewest. */
const CELLS_MAX = 4_000_000

/** Counts of one matcher, each valid while the node is at the version that it was counted at. */
interface Counts {
  counts: Int32Array<ArrayBuffer>
  seen: Int32Array<ArrayBuffer>
  epoch: number
  readonly verdicts: WeakMap<PodShape, boolean>
}

/**
 * How many pods on each node a matcher matches, kept from one scheduling cycle to the next: only nodes that changed are
 * counted again. Counts of matchers that were not asked for in a long time are dropped.
 */
export class PodCounts {
  readonly #nodes: NodeView
  readonly #kept = new Map<PodMatcher, Counts>()

  constructor(nodes: NodeView) {
    this.#nodes = nodes
  }

  of(matcher: PodMatcher): Int32Array {
    const kept = this.#kept.get(matcher) ?? this.#make()
    this.#kept.delete(matcher)
    this.#kept.set(matcher, kept)
    this.#refresh(matcher, kept)
    return kept.counts
  }

  #make(): Counts {
    const keptMax = Math.max(KEPT_MIN, Math.floor(CELLS_MAX / this.#nodes.version.length))
    if (this.#kept.size >= keptMax) {
      const oldest = this.#kept.keys().next()
      if (oldest.done !== true) this.#kept.delete(oldest.value)
    }
    return { counts: new Int32Array(0), seen: new Int32Array(0), epoch: -1, verdicts: new WeakMap() }
  }

  #refresh(matcher: PodMatcher, kept: Counts): void {
    const nodes = this.#nodes
    if (kept.epoch === nodes.epoch) return
    kept.epoch = nodes.epoch
    const { version, order } = nodes
    if (kept.counts.length < version.length) {
      kept.counts = new Int32Array(version.length)
      kept.seen = new Int32Array(version.length)
    }
    const { counts, seen } = kept
    for (const node of order) {
      if (seen[node] === version[node]) continue
      seen[node] = version[node] ?? 0
      let count = 0
      for (const pod of nodes.pods(node)) {
        if (pod.isTerminating && !matcher.countsTerminating) continue
        let verdict = kept.verdicts.get(pod.shape)
        if (verdict === undefined) {
          verdict = matcher.matches(pod.shape)
          kept.verdicts.set(pod.shape, verdict)
        }
        if (verdict) count += 1
      }
      counts[node] = count
    }
  }
}
