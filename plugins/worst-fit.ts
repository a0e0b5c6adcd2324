import { residualPolicy } from './packing-policy.ts'

/**
 * Prefers the node that the pod leaves most room on.
 *
 * Score: Σ wᵣ · (Cᵣ - Uᵣ - dᵣ) / Lᵣ / Σ wᵣ, with what the node has (C), what pods on it asked for (U), what this pod asks
 * for (d) and what the largest node has (L) of resource r; in millionths, rounded. Scaled by the highest of the nodes found to
 * 0 to 100, rounded down, so that only the emptiest has 100.
 * Source: Johnson, "Fast algorithms for bin packing", J. Computer and System Sciences 8(3), 1974, for one resource; for
 * several the weighted sum, as `BestFit` has it.
 */
export const worstFit = residualPolicy('WorstFit', 1, (mean) => mean)
