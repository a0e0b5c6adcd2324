import { definePlugin, signRequests } from '../src/scheduler/framework/index.ts'
import type { NodeIndex, PluginDefinition, PluginFactory } from '../src/scheduler/framework/index.ts'
import { RAW_MAX, meanResidual, packingScale, packingTerm, readPackingResources } from './packing-term.ts'
import type { PackingScale, PackingTerm } from './packing-term.ts'
import { REQUEST_COLUMNS } from './resource-columns.ts'
import type { RequestColumns } from './resource-columns.ts'

/** Declares a policy that scores a node by itself: `value` is from 0 to 1, the highest is best. */
export function packingPolicy(
  name: string,
  value: (term: PackingTerm, node: NodeIndex, nodes: RequestColumns) => number,
): PluginFactory {
  return definePolicy<undefined>(name, {
    score: (term, node, nodes) => Math.round(RAW_MAX * value(term, node, nodes)),
  })
}

/**
 * Declares a policy that scores a node by what the pod would leave on it: `value` of the weighted mean of the residuals, in parts of
 * what the largest node has, each raised to `power`.
 */
export function residualPolicy(name: string, power: 1 | 2, value: (mean: number) => number): PluginFactory {
  return definePolicy<PackingScale>(name, {
    prepareScoreFrom: 'node-objects',
    prepareScore: (term, cluster) => ({ state: packingScale(term, cluster) }),
    score: (term, node, nodes, scale) =>
      Math.round(RAW_MAX * value(meanResidual(term, scale, node, nodes, power))),
  })
}

/** What a policy scores by. */
type Scoring<Scale> = Pick<
  PluginDefinition<PackingTerm, (typeof REQUEST_COLUMNS)[number], undefined, Scale>,
  'prepareScore' | 'prepareScoreFrom' | 'score'
>

function definePolicy<Scale>(name: string, scoring: Scoring<Scale>): PluginFactory {
  return (args, context) => {
    const resources = readPackingResources(args, context)
    return definePlugin({
      name,
      reads: REQUEST_COLUMNS,
      compile: (pod): PackingTerm => packingTerm(resources, pod),
      sign: signRequests,
      ...scoring,
      normalize: 'by-maximum',
      hint: () => false,
    })
  }
}
