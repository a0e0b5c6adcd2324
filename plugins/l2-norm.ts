import { residualPolicy } from './packing-policy.ts'

/**
 * Prefers the node whose vector of what is left is shortest: best fit by the Euclidean norm, which minds the resource of
 * which most is left more than the sum does.
 *
 * Score: 1 - √(Σ wᵣ · ((Cᵣ - Uᵣ - dᵣ) / Lᵣ)² / Σ wᵣ), with what the node has (C), what pods on it asked for (U), what this
 * pod asks for (d) and what the largest node has (L) of resource r; in millionths, rounded. Scaled by the highest of the nodes
 * found to 0 to 100, rounded down, so that only the shortest has 100.
 * Source: norm-based greedy of Panigrahy, Talwar, Uyeda and Wieder, "Heuristics for vector bin packing", Microsoft
 * Research, 2011, which takes the item that minimises Σ aᵢ (dᵢ - rᵢ)² for an open bin; pods come one by one here, so it is the
 * bin that is chosen.
 */
export const l2Norm = residualPolicy('L2Norm', 2, (mean) => 1 - Math.sqrt(mean))
