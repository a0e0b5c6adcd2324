import { definePlugin, signRequests } from '../src/scheduler/framework/index.ts'
import type { PluginFactory } from '../src/scheduler/framework/index.ts'
import {
  PACKING_COLUMNS,
  RAW_MAX,
  meanResidual,
  packingScale,
  packingTerm,
  readPackingResources,
} from './packing-term.ts'
import type { PackingScale, PackingTerm } from './packing-term.ts'

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
export const l2Norm: PluginFactory = (args, context) => {
  const resources = readPackingResources(args, context)
  return definePlugin({
    name: 'L2Norm',
    reads: PACKING_COLUMNS,

    compile: (pod): PackingTerm => packingTerm(resources, pod),

    sign: signRequests,

    prepareScoreFrom: 'node-objects',

    prepareScore: (term, cluster) => ({ state: packingScale(term, cluster) }),

    score: (term, node, nodes, scale: PackingScale) =>
      Math.round(RAW_MAX * (1 - Math.sqrt(meanResidual(term, scale, node, nodes, 2)))),

    normalize: 'by-maximum',

    hint: () => false,
  })
}
