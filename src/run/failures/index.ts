import { NodeShutdown } from '../../node/node-shutdown.ts'
import type { FailureSource } from '../../scenario/failures/index.ts'
import { checkFailures } from './check-failures.ts'
import type { CheckedFailures } from './check-failures.ts'
import type { FailureParts, FailureStart } from './failure-start.ts'
import {
  startApiServerOutage,
  startEtcdDataLoss,
  startEtcdFailure,
  startEtcdSlowDisk,
  startLeaderLoss,
  startWatchLag,
} from './start-control-plane.ts'
import { startRegistries, startSpotInterruptions, startThrottling } from './start-cloud.ts'
import { startCrashes, startMaintenances, startZoneOutage } from './start-machines.ts'
import {
  startDomainOutages,
  startFailSlow,
  startFullDisks,
  startIncident,
  startKubeletHangs,
  startPartitions,
} from './start-on-nodes.ts'
import { startSwarm } from './start-swarm.ts'
import { startBadRollouts, startPoisonousPods } from './start-workloads.ts'
import { replayFailureTrace } from './replay-failure-trace.ts'

type Starts = {
  readonly [Kind in FailureSource['kind']]: FailureStart<Extract<FailureSource, { readonly kind: Kind }>>
}

/** How each kind of failure is started. */
const STARTS: Starts = {
  nodeCrash: startCrashes,
  zoneOutage: startZoneOutage,
  domainOutage: startDomainOutages,
  incident: startIncident,
  partition: startPartitions,
  failSlow: startFailSlow,
  kubeletHang: startKubeletHangs,
  diskFull: startFullDisks,
  maintenance: startMaintenances,
  spotInterruption: startSpotInterruptions,
  registryOutage: startRegistries,
  cloudThrottling: startThrottling,
  badRollout: startBadRollouts,
  poisonousPod: startPoisonousPods,
  swarm: startSwarm,
  trace: replayFailureTrace,
  leaderLoss: startLeaderLoss,
  apiServerOutage: startApiServerOutage,
  etcdSlowDisk: startEtcdSlowDisk,
  etcdDataLoss: startEtcdDataLoss,
  watchLag: startWatchLag,
  etcdFailure: startEtcdFailure,
}

/** Starts the failures of a scenario; returns what of them has no meaning here. */
export function buildFailures(
  given: Omit<FailureParts, 'shutdown'>,
  scenario: CheckedFailures,
): readonly string[] {
  let shutdown: NodeShutdown | undefined
  const parts: FailureParts = {
    ...given,
    shutdown: () => (shutdown ??= new NodeShutdown(given.sim, given.api, given)),
  }
  const warnings = [...checkFailures(given.api, scenario)]
  const counts = new Map<string, number>()
  scenario.failures.forEach((source, index) => {
    const ordinal = counts.get(source.kind) ?? 0
    counts.set(source.kind, ordinal + 1)
    const start = STARTS[source.kind] as FailureStart<FailureSource>
    warnings.push(...(start(parts, source, ordinal, index) ?? []))
  })
  return warnings
}
