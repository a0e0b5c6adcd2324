import { definePlugin } from '../src/scheduler/framework/index.ts'
import type {
  GroupPlacement,
  NodeIndex,
  PluginFactory,
  PodGroupContext,
} from '../src/scheduler/framework/index.ts'

/** What the plugin is while its gate is off: it acts at no extension point. */
const ABSENT = definePlugin({
  name: 'TopologyPlacementGenerator',
  reads: [],
  sized: false,
  compile: () => ({}),
})

/**
 * Makes a placement of the nodes of each value of the label that a PodGroup's topology constraint names; of one value when
 * some of the group's pods are there already.
 *
 * Behind the feature gate TopologyAwareWorkloadScheduling.
 * Departs from Kubernetes: placements come in the order of their first node; there, in no order.
 * Source: Kubernetes v1.37, scheduler plugins/topologyaware.
 */
export const topologyPlacementGenerator: PluginFactory = (_args, { gates }) =>
  gates.get('TopologyAwareWorkloadScheduling') === true
    ? definePlugin({ ...ABSENT, placementGenerate: generate })
    : ABSENT

function generate(context: PodGroupContext): readonly GroupPlacement[] | { readonly error: string } {
  const { cluster, group, scheduledOn } = context
  const key = group.spec.schedulingConstraints?.topology?.[0]?.key
  if (key === undefined) return [{ name: '', nodes: cluster.order }]
  const valueOf = (node: NodeIndex): string | undefined => cluster.nodes.labels(node)[key]
  let required: string | undefined
  for (const node of scheduledOn) {
    const value = valueOf(node)
    const problem =
      value === undefined
        ? `no topology domain found for node ${cluster.nodes.name(node)}`
        : required !== undefined && required !== value
          ? `more than 1 domain found for pod group: ${required}, ${value}`
          : undefined
    if (problem !== undefined) {
      return { error: `cannot determine domain for already scheduled pods: ${problem}` }
    }
    required = value
  }
  const nodesOf = new Map<string, NodeIndex[]>()
  for (const node of cluster.order) {
    const value = valueOf(node)
    if (value === undefined || (required !== undefined && required !== value)) continue
    const nodes = nodesOf.get(value)
    if (nodes === undefined) nodesOf.set(value, [node])
    else nodes.push(node)
  }
  return [...nodesOf].map(([name, nodes]) => ({ name, nodes }))
}
