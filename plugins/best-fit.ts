import { residualPolicy } from './packing-policy.ts'

/**
 * Prefers the node that the pod leaves least room on.
 *
 * Score: 1 - Σ wᵣ · (Cᵣ - Uᵣ - dᵣ) / Lᵣ / Σ wᵣ, with what the node has (C), what pods on it asked for (U), what this pod
 * asks for (d) and what the largest node has (L) of resource r; in millionths, rounded. Scaled by the highest of the nodes found
 * to 0 to 100, rounded down, so that only the best fit has 100.
 * Source: Johnson, Demers, Ullman, Garey and Graham, "Worst-case performance bounds for simple one-dimensional packing
 * algorithms", SIAM J. Computing 3(4), 1974, for one resource; for several the weighted sum, as in Hadary et al.,
 * "Protean", OSDI '20, and as FGD's evaluation has it (Weng et al., ATC '23).
 */
export const bestFit = residualPolicy('BestFit', 1, (mean) => 1 - mean)
