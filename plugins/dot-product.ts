import type { NodeIndex } from '../src/scheduler/framework/index.ts'
import { packingPolicy } from './packing-policy.ts'
import { freeOf } from './packing-term.ts'
import type { PackingTerm } from './packing-term.ts'
import { allocatableOf } from './resource-columns.ts'
import type { RequestColumns } from './resource-columns.ts'

/**
 * Prefers the node with most free of what the pod asks most of: the alignment of Tetris.
 *
 * Score: Σ wᵣ · (dᵣ / Cᵣ) · ((Cᵣ - Uᵣ) / Cᵣ) / Σ wᵣ, with what the pod asks for (d), what the node has (C) and what pods on it
 * asked for (U) of resource r; in millionths, rounded. Scaled by the highest of the nodes found to 0 to 100, rounded down, so that
 * only the best aligned has 100. A pod that asks for nothing is aligned with none.
 * Source: Grandl, Ananthanarayanan, Kandula, Rao and Akella, "Multi-resource packing for cluster schedulers", SIGCOMM
 * '14, section 3.2: demands and what is free are shares of the machine's own capacity. With weights it is the dot product of
 * Panigrahy, Talwar, Uyeda and Wieder, "Heuristics for vector bin packing", Microsoft Research, 2011.
 */
export const dotProduct = packingPolicy('DotProduct', alignment)

/** Weighted mean of the products of shares, 0 to 1. */
function alignment({ demands }: PackingTerm, node: NodeIndex, nodes: RequestColumns): number {
  let sum = 0
  let weights = 0
  for (const { resource, amount, weight } of demands) {
    weights += weight
    const whole = allocatableOf(resource, node, nodes)
    if (whole > 0) sum += weight * Math.min(1, amount / whole) * (freeOf(resource, node, nodes) / whole)
  }
  return weights === 0 ? 0 : sum / weights
}
