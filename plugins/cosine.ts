import type { NodeIndex } from '../src/scheduler/framework/index.ts'
import { packingPolicy } from './packing-policy.ts'
import { freeOf } from './packing-term.ts'
import type { PackingTerm } from './packing-term.ts'
import { allocatableOf } from './resource-columns.ts'
import type { RequestColumns } from './resource-columns.ts'

/**
 * Prefers the node whose free resources are in the proportion that the pod asks for, however much there is of them.
 *
 * Score: cos(d, f) = Σ wᵣ dᵣ fᵣ / √(Σ wᵣ dᵣ² · Σ wᵣ fᵣ²), where d is what the pod asks for and f what is free, both as shares
 * of what the node has of resource r; in millionths, rounded. Scaled by the highest of the nodes found to 0 to 100, rounded
 * down, so that only the most alike has 100. A pod that asks for nothing, or a node that has nothing free, is like none.
 * Source: the dot product of Panigrahy, Talwar, Uyeda and Wieder, "Heuristics for vector bin packing", Microsoft Research,
 * 2011, by the lengths of both vectors, so that it is blind to size and sees shape alone.
 */
export const cosine = packingPolicy('Cosine', similarity)

/** 0 when at right angles, 1 when in proportion. */
function similarity({ demands }: PackingTerm, node: NodeIndex, nodes: RequestColumns): number {
  let product = 0
  let demanded = 0
  let free = 0
  for (const { resource, amount, weight } of demands) {
    const whole = allocatableOf(resource, node, nodes)
    if (whole === 0) continue
    const demand = amount / whole
    const left = freeOf(resource, node, nodes) / whole
    product += weight * demand * left
    demanded += weight * demand * demand
    free += weight * left * left
  }
  return demanded === 0 || free === 0 ? 0 : Math.min(1, product / Math.sqrt(demanded * free))
}
