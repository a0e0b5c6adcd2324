import { definePlugin } from '../src/scheduler/framework/index.ts'
import type {
  ClusterView,
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
export const topologyPlacementGenerator: PluginFactory = (_args, { gates }) => {
  if (gates.get('TopologyAwareWorkloadScheduling') !== true) return ABSENT
  const domains = new TopologyDomains()
  return definePlugin({ ...ABSENT, placementGenerate: (context) => generate(context, domains) })
}

/** Nodes by the value of a label, made anew when nodes change. */
class TopologyDomains {
  #byKey = new Map<string, readonly GroupPlacement[]>()
  #order: readonly NodeIndex[] | undefined
  #revision = -1

  /** In the order of their first node. */
  of(cluster: ClusterView, key: string): readonly GroupPlacement[] {
    const { order, nodeLabelsRevision } = cluster
    if (this.#order !== order || this.#revision !== nodeLabelsRevision) {
      this.#order = order
      this.#revision = nodeLabelsRevision
      this.#byKey.clear()
    }
    let domains = this.#byKey.get(key)
    if (domains === undefined) {
      domains = domainsOf(cluster, key)
      this.#byKey.set(key, domains)
    }
    return domains
  }
}

function domainsOf({ nodes, order }: ClusterView, key: string): readonly GroupPlacement[] {
  const nodesOf = new Map<string, NodeIndex[]>()
  for (const node of order) {
    const value = nodes.labels(node)[key]
    if (value === undefined) continue
    const among = nodesOf.get(value)
    if (among === undefined) nodesOf.set(value, [node])
    else among.push(node)
  }
  return [...nodesOf].map(([name, among]) => ({ name, nodes: among }))
}

function generate(
  context: PodGroupContext,
  domains: TopologyDomains,
): readonly GroupPlacement[] | { readonly error: string } {
  const { cluster, group, scheduledOn } = context
  const key = group.spec.schedulingConstraints?.topology?.[0]?.key
  if (key === undefined) return [{ name: '', nodes: cluster.order }]
  let required: string | undefined
  for (const node of scheduledOn) {
    const value = cluster.nodes.labels(node)[key]
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
  const all = domains.of(cluster, key)
  return required === undefined ? all : all.filter(({ name }) => name === required)
}
