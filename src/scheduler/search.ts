import { NO_NODE } from '../cluster/rows.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import type { Cycle } from './cycle.ts'
import type { Extenders } from './extenders.ts'
import type { Profile } from './profile.ts'

/** Fewest nodes that a sampled search finds, and below which all nodes are searched (kube-scheduler v1.37). */
const FOUND_MIN = 100
/** Smallest adaptive percentage. */
const PERCENTAGE_MIN = 5
/** Nodes by which the adaptive percentage falls by one. */
const NODES_A_PERCENT = 125

/**
 * How many feasible nodes to find before scoring.
 *
 * `percentage` 0 or undefined is adaptive: 50 less one for each 125 nodes, at least 5. Integer divisions round down.
 * Source: kube-scheduler v1.37, `numFeasibleNodesToFind`.
 */
export function feasibleNodesToFind(nodeCount: number, percentage: number | undefined): number {
  if (nodeCount < FOUND_MIN) return nodeCount
  const adaptive = Math.max(PERCENTAGE_MIN, 50 - Math.floor(nodeCount / NODES_A_PERCENT))
  const share = percentage === undefined || percentage === 0 ? adaptive : percentage
  if (share >= 100) return nodeCount
  return Math.max(FOUND_MIN, Math.floor((nodeCount * share) / 100))
}

/** How many feasible nodes to find for the pods of a profile: one where nobody scores. */
export class SearchLimits {
  readonly #percentage: number | undefined
  readonly #extenders: Extenders
  /** What was said last: it is the same for all pods of a profile until nodes come or go. */
  #profile: Profile | undefined
  #nodeCount = 0
  #limit = 0

  /** `percentage` is for profiles that have none of their own. */
  constructor(percentage: number | undefined, extenders: Extenders) {
    this.#percentage = percentage
    this.#extenders = extenders
  }

  of(profile: Profile, nodeCount: number): number {
    if (this.#profile === profile && this.#nodeCount === nodeCount) return this.#limit
    const isOneEnough = profile.score.length === 0 && !this.#extenders.wantsSeveralNodes
    const percentage = profile.percentageOfNodesToScore ?? this.#percentage
    this.#profile = profile
    this.#nodeCount = nodeCount
    this.#limit = isOneEnough ? 1 : feasibleNodesToFind(nodeCount, percentage)
    return this.#limit
  }
}

/** What a search came to. */
export interface SearchResult {
  /** Feasible nodes in the order in which they were found. */
  readonly found: readonly NodeIndex[]
  /** Nodes that were found or rejected: how far the next search starts from this one. */
  readonly evaluated: number
}

/**
 * Walks the candidates from `start` round the list until `limit` feasible nodes are found; the search ends at the
 * first feasible node beyond the limit, so that rejected nodes up to there are looked at, too.
 *
 * Source: kube-scheduler v1.37, `findNodesThatPassFilters` with parallelism 1.
 */
export function searchNodes(
  cycle: Cycle,
  candidates: readonly NodeIndex[],
  start: number,
  { limit, triedFirst }: { readonly limit: number; readonly triedFirst: NodeIndex },
): SearchResult {
  const count = candidates.length
  const found: NodeIndex[] = []
  // The node that was tried before the search is one of the rejected, wherever the search ends.
  let rejected = triedFirst === NO_NODE ? 0 : 1
  const hasFilters = cycle.profile.filter.length > 0
  for (let i = 0; i < count; i++) {
    const node = candidates[(start + i) % count] ?? 0
    if (!hasFilters) {
      if (found.length >= limit) break
      found.push(node)
      continue
    }
    if (cycle.check(node) !== undefined) {
      if (node !== triedFirst) rejected += 1
      if (cycle.error !== undefined) break
      continue
    }
    if (found.length >= limit) break
    found.push(node)
  }
  return { found, evaluated: found.length + rejected }
}
