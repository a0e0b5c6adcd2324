/** How a zone's nodes do, as the node lifecycle controller sees it. */
export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

/** A zone needs more than this many nodes that are not ready to count as partly disrupted. */
const NOT_READY_MIN = 2

/**
 * The state of a zone from its numbers of nodes.
 *
 * Full when no node is ready (and there is one that is not), partial when more than two are not ready and their share
 * is at least the threshold. Source: kube-controller-manager v1.37, nodelifecycle `ComputeZoneState`.
 */
export function computeZoneState(ready: number, notReady: number, unhealthyThreshold: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption'
  if (notReady > NOT_READY_MIN && notReady / (notReady + ready) >= unhealthyThreshold) return 'PartialDisruption'
  return 'Normal'
}
