import { startApiServerOutages } from '../../failure/api-server-outage.ts'
import { startLeaderLosses } from '../../failure/leader-loss.ts'
import type { ApiServerOutageSource } from '../../scenario/failures/api-server-outage.ts'
import type { LeaderLossSource } from '../../scenario/failures/leader-loss.ts'
import type { FailureParts } from './failure-start.ts'

/** Has a component lose its leader. */
export function startLeaderLoss(
  { sim, log, controlPlane }: FailureParts,
  { component, times }: LeaderLossSource,
  index: number,
): void {
  const election = controlPlane.election(component)
  startLeaderLosses(sim, log, component, { election, times, name: `leader-loss/${index}` })
}

/** Has API servers stop answering. */
export function startApiServerOutage(
  { sim, log, controlPlane }: FailureParts,
  { replicas, times }: ApiServerOutageSource,
  index: number,
): void {
  const options = { replicas, times, name: `api-server-outage/${index}` }
  startApiServerOutages(sim, log, controlPlane.apiServers(), options)
}
