import { PASS, definePlugin, unresolvable } from '../src/scheduler/framework/index.ts'

const OTHER_NODE = unresolvable("node(s) didn't match the requested node name")

/**
 * Leaves only the node that `spec.nodeName` names.
 *
 * Source: Kubernetes v1.37, scheduler plugins/nodename.
 */
export const nodeName = definePlugin({
  name: 'NodeName',
  reads: ['name'],
  sized: false,

  compile: (pod) => ({ nodeName: pod.spec.nodeName ?? '' }),

  sign: (pod) => ({ nodeName: pod.spec.nodeName ?? '' }),

  screen: (term) => (term.nodeName === '' ? undefined : { nodeNames: [term.nodeName] }),

  filter: (term, node, nodes) =>
    term.nodeName === '' || nodes.name(node) === term.nodeName ? PASS : OTHER_NODE,

  events: ['node-added'],

  hint: (_term, change) => change.type === 'node-added',
})
