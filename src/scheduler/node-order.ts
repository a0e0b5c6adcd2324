import type { Node } from '../api/types.generated.ts'
import type { NodeIndex } from './framework/node-columns.ts'

/**
 * The order in which the scheduler lists nodes: the first of every zone, then the second of every zone, and so on.
 *
 * Zones are in order of their first node, nodes of a zone in order of arrival; a zone is a pair of region and zone
 * label, where the older labels go before the present ones, each for itself.
 * Source: kube-scheduler v1.37, backend/cache `nodeTree`.
 */
export class NodeOrder {
  readonly #zones = new Map<string, NodeIndex[]>()
  readonly #zoneOf = new Map<NodeIndex, string>()
  #order: readonly NodeIndex[] | undefined

  /** All nodes, zone by zone in turn; a new array after a change. */
  get order(): readonly NodeIndex[] {
    this.#order ??= interleave([...this.#zones.values()])
    return this.#order
  }

  add(index: NodeIndex, node: Node): void {
    const zone = zoneOf(node)
    const nodes = this.#zones.get(zone)
    if (nodes === undefined) this.#zones.set(zone, [index])
    else nodes.push(index)
    this.#zoneOf.set(index, zone)
    this.#order = undefined
  }

  remove(index: NodeIndex): void {
    const zone = this.#zoneOf.get(index)
    if (zone === undefined) return
    const nodes = (this.#zones.get(zone) ?? []).filter((other) => other !== index)
    if (nodes.length === 0) this.#zones.delete(zone)
    else this.#zones.set(zone, nodes)
    this.#zoneOf.delete(index)
    this.#order = undefined
  }

  /** A node whose zone changed goes to the end of its new zone; any other keeps its place. */
  update(index: NodeIndex, node: Node): void {
    if (this.#zoneOf.get(index) === zoneOf(node)) return
    this.remove(index)
    this.add(index, node)
  }
}

function interleave(zones: readonly (readonly NodeIndex[])[]): NodeIndex[] {
  const order: NodeIndex[] = []
  const longest = zones.reduce((length, zone) => Math.max(length, zone.length), 0)
  for (let round = 0; round < longest; round++) {
    for (const zone of zones) {
      const index = zone[round]
      if (index !== undefined) order.push(index)
    }
  }
  return order
}

function zoneOf(node: Node): string {
  const labels = node.metadata?.labels ?? {}
  const zone = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? ''
  const region =
    labels['failure-domain.beta.kubernetes.io/region'] ?? labels['topology.kubernetes.io/region'] ?? ''
  return zone === '' && region === '' ? '' : `${region}:\u0000:${zone}`
}
