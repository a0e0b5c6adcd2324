import { definePlugin } from '../src/scheduler/framework/index.ts'
import type { PluginFactory } from '../src/scheduler/framework/index.ts'
import { readArguments } from './plugin-arguments.ts'

/** More than any cluster has nodes. */
const NODES_MAX = 2 ** 31

/**
 * Takes the first node that fits, in the order in which nodes came to the cluster.
 *
 * Score: what the number of the node, counted in that order, leaves of 2³¹. Scaled by the highest of the nodes found to 0 to
 * 100, rounded down, the first has 100 and all others less. No two nodes have the same number, so there are no ties; a
 * node that comes back under its name has its old place. It is first fit only where all nodes are looked at: with
 * `percentageOfNodesToScore` below 100 it is the first of a window that moves on.
 * Source: Johnson, Demers, Ullman, Garey and Graham, "Worst-case performance bounds for simple one-dimensional packing
 * algorithms", SIAM J. Computing 3(4), 1974.
 */
export const firstFit: PluginFactory = (args, context) => {
  readArguments(args, context, [])
  return definePlugin({
    name: 'FirstFit',
    reads: [],
    sized: false,

    compile: () => ({}),

    sign: () => ({}),

    score: (_term, node) => NODES_MAX - node,

    normalize: 'by-maximum',

    hint: () => false,
  })
}
