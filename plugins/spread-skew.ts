import type { ClusterView, NodeIndex, PairCheck, Topology } from '../src/scheduler/framework/index.ts'
import type { SpreadConstraint } from './spread-constraints.ts'
import type { DomainPart } from './spread-domains.ts'

/** What kube-scheduler takes for the least count while it has seen none. */
const NOT_SEEN = 2 ** 31 - 1

/** Pods by domain of one hard constraint, and the least count; both follow changes on trial. */
export class DomainCounts {
  readonly constraint: SpreadConstraint
  readonly topology: Topology
  readonly #part: DomainPart
  /** Pods by domain: as the cluster keeps them, or a copy that trials have changed. */
  #pods: Readonly<Float64Array>
  #trial: TrialCounts | undefined
  #known: number | undefined

  constructor(constraint: SpreadConstraint, part: DomainPart, cluster: ClusterView) {
    this.constraint = constraint
    this.topology = part.topology
    this.#part = part
    const [column] = cluster.pairSums(part.weigher).columns
    this.#pods = column?.sums ?? new Float64Array(part.topology.valueCount)
  }

  /** Pods in the node's domain; 0 for one in which no node counts. */
  podsAt(node: NodeIndex): number {
    const value = this.topology.valueAt(node)
    return value < 0 ? 0 : (this.#pods[value] ?? 0)
  }

  /** The least count over the domains; 0 when there are fewer than `minDomains`. */
  get least(): number {
    if (this.#part.domains.length < this.constraint.minDomains) return 0
    if (this.#trial !== undefined) return this.#trial.least
    this.#known ??= leastOf(this.#pods, this.#part.domains)
    return this.#known
  }

  /** As a check: the node has the label, and with so many pods more its domain is within the skew. */
  check(own: number): PairCheck {
    const most = this.constraint.maxSkew - own + this.least
    return { topology: this.topology, sums: this.#pods, least: -Infinity, most, passesWithout: false }
  }

  /** A pod that the constraint selects joined or left a node, on trial. */
  move(node: NodeIndex, sign: 1 | -1): void {
    const { counts, domains } = this.#part
    if (counts[node] !== 1) return
    this.#trial ??= new TrialCounts(this.#pods, domains)
    this.#trial.move(this.topology.valueAt(node), sign)
    this.#pods = this.#trial.pods
  }
}

function leastOf(pods: Readonly<Float64Array>, domains: Int32Array): number {
  let least = NOT_SEEN
  for (let i = 0; i < domains.length && least > 0; i++) {
    const count = pods[domains[i] as number] as number
    if (count < least) least = count
  }
  return least
}

/**
 * A copy of the counts for trials, with the two least.
 *
 * Source: Kubernetes v1.37, scheduler plugins/podtopologyspread, `criticalPaths`: a domain that is not one of the two is
 * noticed only when its count falls below theirs.
 */
class TrialCounts {
  readonly pods: Float64Array
  #least = { value: -1, pods: NOT_SEEN }
  #second = { value: -1, pods: NOT_SEEN }

  constructor(pods: Readonly<Float64Array>, domains: Int32Array) {
    this.pods = new Float64Array(pods)
    for (const value of domains) this.#follow(value, this.pods[value] ?? 0)
  }

  get least(): number {
    return this.#least.pods
  }

  move(value: number, sign: 1 | -1): void {
    const pods = (this.pods[value] ?? 0) + sign
    this.pods[value] = pods
    this.#follow(value, pods)
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
