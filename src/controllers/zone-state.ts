/** How a zone's nodes do, as the node lifecycle controller sees it. */
export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

/** How fast nodes are tainted: the flags of the node lifecycle controller. */
export interface TaintingRates {
  /** `--node-eviction-rate`: nodes a second in a zone that is well, or wholly lost. */
  readonly evictionRate: number
  /** `--secondary-node-eviction-rate`: nodes a second in a partly disrupted zone that is large. */
  readonly secondaryEvictionRate: number
  /** `--large-cluster-size-threshold`: zones of up to this size are not large; their secondary rate is 0. */
  readonly largeZone: number
}

/** A zone needs more than this many nodes that are not ready to count as partly disrupted. */
const NOT_READY_MIN = 2

/**
 * The state of a zone from its numbers of nodes.
 *
 * Full when no node is ready (and there is one that is not), partial when more than two are not ready and
 * their share, in 32 bits, is at least the threshold. Source: kube-controller-manager v1.37, nodelifecycle
 * `ComputeZoneState`.
 */
export function computeZoneState(ready: number, notReady: number, unhealthyThreshold: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption'
  const share = Math.fround(notReady / (notReady + ready))
  if (notReady > NOT_READY_MIN && share >= Math.fround(unhealthyThreshold)) return 'PartialDisruption'
  return 'Normal'
}

/**
 * Nodes a second that get their NoExecute taint in a zone of this state and size.
 *
 * Source: kube-controller-manager v1.37, nodelifecycle `HealthyQPSFunc` and `ReducedQPSFunc`.
 */
export function taintingRate(state: ZoneState, size: number, rates: TaintingRates): number {
  if (state !== 'PartialDisruption') return rates.evictionRate
  return size > rates.largeZone ? rates.secondaryEvictionRate : 0
}
