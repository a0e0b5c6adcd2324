import { widened } from '../base/widen.ts'
import type { TemplateId } from '../cluster/rows.ts'
import type { PodMatcher } from './framework/topology.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { NO_TEMPLATE } from './node-log.ts'
import type { NodeView } from './node-view.ts'
import type { PlacedShape } from './pod-shapes.ts'

/** Fewest matchers whose counts are kept. */
const KEPT_MIN = 64
/** Nodes that all kept counts may have together, beyond the fewest. */
const CELLS_MAX = 4_000_000

const UNKNOWN = 0
const MATCHES = 1
const DIFFERS = 2

/** Counts of one matcher, true when the view had changed so often. */
interface Counts {
  counts: Int32Array<ArrayBuffer>
  /** Changes of the view that are counted. */
  changes: number
  /** What the matcher said of each template. */
  verdicts: Uint8Array<ArrayBuffer>
}

/**
 * How many pods on each node a matcher matches, kept from one scheduling cycle to the next: only nodes that changed since
 * are counted again. Counts of matchers that were not asked for in a long time are dropped.
 *
 * A matcher looks at what pods of one template share, so it is asked once a template. O(pods on nodes that matching ones
 * came to or left).
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
    return { counts: new Int32Array(0), changes: -1, verdicts: new Uint8Array(64) }
  }

  #refresh(matcher: PodMatcher, kept: Counts): void {
    const { changed, order, version } = this.#nodes
    if (kept.changes === changed.count) return
    if (kept.counts.length < version.length) kept.counts = widened(kept.counts, version.length)
    const isKnown = kept.changes >= 0 && changed.covers(kept.changes)
    if (!isKnown || !this.#recountChanged(matcher, kept, order.length)) {
      for (const node of order) this.#recount(matcher, kept, node)
    }
    kept.changes = changed.count
  }

  /** Recounts nodes to which pods came that the matcher matches, or which such pods left; false when that was more than `max` times. */
  #recountChanged(matcher: PodMatcher, kept: Counts, max: number): boolean {
    const { changed } = this.#nodes
    let times = 0
    for (let count = kept.changes; count < changed.count; count++) {
      const template = changed.templateAt(count)
      if (template === NO_TEMPLATE || !this.#mayMatch(matcher, kept, template)) continue
      times += 1
      if (times > max) return false
      this.#recount(matcher, kept, changed.at(count))
    }
    return true
  }

  #recount(matcher: PodMatcher, kept: Counts, node: NodeIndex): void {
    const nodes = this.#nodes
    const { shapes } = nodes
    const pods = nodes.podCount(node)
    let count = 0
    for (let place = 0; place < pods; place++) {
      const pod = nodes.podRowAt(node, place)
      if (!matcher.countsTerminating && shapes.isTerminating(pod)) continue
      if (this.#matches(matcher, kept, shapes.baseOf(pod))) count += 1
    }
    kept.counts[node] = count
  }

  /** Whether pods of a template may have been counted. */
  #mayMatch(matcher: PodMatcher, kept: Counts, template: TemplateId): boolean {
    const base = this.#nodes.shapes.ofPlaced(template)
    return base === undefined ? kept.verdicts[template] === MATCHES : this.#matches(matcher, kept, base)
  }

  #matches(matcher: PodMatcher, kept: Counts, base: PlacedShape): boolean {
    const { template } = base
    while (template >= kept.verdicts.length) {
      kept.verdicts = widened(kept.verdicts, kept.verdicts.length * 2)
    }
    let verdict = kept.verdicts[template] ?? UNKNOWN
    if (verdict === UNKNOWN) {
      verdict = matcher.matches(base) ? MATCHES : DIFFERS
      kept.verdicts[template] = verdict
    }
    return verdict === MATCHES
  }
}
