import { startApiServerOutages } from '../../failure/api-server-outage.ts'
import { startEtcdFailures } from '../../failure/etcd-failure.ts'
import { startLeaderLosses } from '../../failure/leader-loss.ts'
import type { ApiServerOutageSource } from '../../scenario/failures/api-server-outage.ts'
import type { EtcdFailureSource } from '../../scenario/failures/etcd-failure.ts'
import type { LeaderLossSource } from '../../scenario/failures/leader-loss.ts'
import type { FailureParts } from './failure-start.ts'

/** Starts leaders that end. */
export function startLeaderLoss(
  { sim, log, controlPlane }: FailureParts,
  source: LeaderLossSource,
  ordinal: number,
): void {
  const options = { ...source, name: `leader-loss/${ordinal}` }
  startLeaderLosses(sim, log, controlPlane.election(source.component), options)
}

/** Starts API servers that do not answer. */
export function startApiServerOutage(
  { sim, log, controlPlane }: FailureParts,
  source: ApiServerOutageSource,
  ordinal: number,
): void {
  const options = { ...source, name: `api-server-outage/${ordinal}` }
  startApiServerOutages(sim, log, controlPlane.apiServers(), options)
}

/** Starts members of etcd that fail. */
export function startEtcdFailure(
  { sim, log, controlPlane }: FailureParts,
  source: EtcdFailureSource,
  ordinal: number,
): void {
  startEtcdFailures(sim, log, controlPlane.etcd(), { ...source, name: `etcd-failure/${ordinal}` })
}
