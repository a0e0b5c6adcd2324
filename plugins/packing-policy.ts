import { definePlugin, signRequests } from '../src/scheduler/framework/index.ts'
import type { NodeIndex, PluginFactory } from '../src/scheduler/framework/index.ts'
import {
  PACKING_COLUMNS,
  RAW_MAX,
  meanResidual,
  packingScale,
  packingTerm,
  readPackingResources,
} from './packing-term.ts'
import type { PackingColumns, PackingScale, PackingTerm } from './packing-term.ts'

/** Declares a policy that scores a node by itself: `value` is from 0 to 1, the highest is best. */
export function packingPolicy(
  name: string,
  value: (term: PackingTerm, node: NodeIndex, nodes: PackingColumns) => number,
): PluginFactory {
  return (args, context) => {
    const resources = readPackingResources(args, context)
    return definePlugin({
      name,
      reads: PACKING_COLUMNS,

      compile: (pod): PackingTerm => packingTerm(resources, pod),

      sign: signRequests,

      score: (term, node, nodes) => Math.round(RAW_MAX * value(term, node, nodes)),

      normalize: 'by-maximum',

      hint: () => false,
    })
  }
}

/**
 * Declares a policy that scores a node by what the pod would leave on it: `value` of the weighted mean of the residuals, in parts of
 * what the largest node has, each raised to `power`.
 */
export function residualPolicy(name: string, power: 1 | 2, value: (mean: number) => number): PluginFactory {
  return (args, context) => {
    const resources = readPackingResources(args, context)
    return definePlugin({
      name,
      reads: PACKING_COLUMNS,

      compile: (pod): PackingTerm => packingTerm(resources, pod),

      sign: signRequests,

      prepareScoreFrom: 'node-objects',

      prepareScore: (term, cluster) => ({ state: packingScale(term, cluster) }),

      score: (term, node, nodes, scale: PackingScale) =>
        Math.round(RAW_MAX * value(meanResidual(term, scale, node, nodes, power))),

      normalize: 'by-maximum',

      hint: () => false,
    })
  }
}
