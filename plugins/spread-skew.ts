import type { ClusterView, NodeIndex, Topology } from '../src/scheduler/framework/index.ts'
import type { SpreadConstraint } from './spread-constraints.ts'
import type { SpreadDomains } from './spread-domains.ts'

/** What kube-scheduler takes for the least count while it has seen none. */
const NOT_SEEN = 2 ** 31 - 1

/**
 * Pods by domain of one hard constraint, and the two least counts.
 *
 * The least counts follow changes on trial as kube-scheduler's do: a domain that is not one of the two is noticed only when
 * its count falls below theirs. Source: Kubernetes v1.37, scheduler plugins/podtopologyspread, `criticalPaths`.
 */
export class DomainCounts {
  readonly constraint: SpreadConstraint
  readonly topology: Topology
  readonly #counted: Uint8Array
  readonly #pods: Int32Array
  #domainCount = 0
  #least = { value: -1, pods: NOT_SEEN }
  #second = { value: -1, pods: NOT_SEEN }

  constructor(constraint: SpreadConstraint, place: number, domains: SpreadDomains, cluster: ClusterView) {
    this.constraint = constraint
    this.topology = domains.topologies[place] ?? cluster.topology(constraint.topologyKey)
    this.#counted = domains.counts[place] ?? new Uint8Array(0)
    this.#pods = new Int32Array(this.topology.valueCount)
    this.#count(cluster)
  }

  /** Pods in the node's domain; 0 for one in which no node counts. */
  podsAt(node: NodeIndex): number {
    const value = this.topology.valueAt(node)
    return value < 0 ? 0 : (this.#pods[value] ?? 0)
  }

  /** The least count over the domains; 0 when there are fewer than `minDomains`. */
  get least(): number {
    return this.#domainCount < this.constraint.minDomains ? 0 : this.#least.pods
  }

  /** A pod that the constraint selects joined or left a node, on trial. */
  move(node: NodeIndex, sign: 1 | -1): void {
    if (this.#counted[node] !== 1) return
    const value = this.topology.valueAt(node)
    const pods = (this.#pods[value] ?? 0) + sign
    this.#pods[value] = pods
    this.#follow(value, pods)
  }

  #count(cluster: ClusterView): void {
    const pods = cluster.podCounts(this.constraint.counted)
    const isDomain = new Uint8Array(this.#pods.length)
    for (const node of cluster.order) {
      if (this.#counted[node] !== 1) continue
      const value = this.topology.valueAt(node)
      isDomain[value] = 1
      this.#pods[value] = (this.#pods[value] ?? 0) + (pods[node] ?? 0)
    }
    for (let value = 0; value < isDomain.length; value++) {
      if (isDomain[value] !== 1) continue
      this.#domainCount += 1
      this.#follow(value, this.#pods[value] ?? 0)
    }
  }

  #follow(value: number, pods: number): void {
    const least = this.#least
    const second = this.#second
    if (value === least.value) least.pods = pods
    else if (value === second.value) second.pods = pods
    else if (pods < least.pods) {
      this.#second = least
      this.#least = { value, pods }
      return
    } else if (pods < second.pods) {
      this.#second = { value, pods }
      return
    } else return
    if (least.pods > second.pods) {
      this.#least = second
      this.#second = least
    }
  }
}
