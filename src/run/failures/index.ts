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
  domainOutage: (parts, source, _, ordinal) => startDomainOutages(parts, source, ordinal),
  incident: (parts, source, _, ordinal) => startIncident(parts, source, ordinal),
  partition: (parts, source, _, ordinal) => startPartitions(parts, source, ordinal),
  failSlow: (parts, source, _, ordinal) => startFailSlow(parts, source, ordinal),
  kubeletHang: (parts, source, _, ordinal) => startKubeletHangs(parts, source, ordinal),
  diskFull: (parts, source, _, ordinal) => startFullDisks(parts, source, ordinal),
  maintenance: startMaintenances,
  spotInterruption: (parts, source, _, ordinal) => startSpotInterruptions(parts, source, ordinal),
  registryOutage: (parts, source, _, ordinal) => startRegistries(parts, source, ordinal),
  cloudThrottling: (parts, source, _, ordinal) => startThrottling(parts, source, ordinal),
  badRollout: (parts, source, _, ordinal) => startBadRollouts(parts, source, ordinal),
  poisonousPod: (parts, source, _, ordinal) => startPoisonousPods(parts, source, ordinal),
  swarm: (parts, source, _, ordinal) => startSwarm(parts, source, ordinal),
  trace: replayFailureTrace,
  leaderLoss: (parts, source, _, ordinal) => startLeaderLoss(parts, source, ordinal),
  apiServerOutage: startApiServerOutage,
  etcdSlowDisk: (parts, source, _, ordinal) => startEtcdSlowDisk(parts, source, ordinal),
  etcdDataLoss: (parts, source, _, ordinal) => startEtcdDataLoss(parts, source, ordinal),
  watchLag: (parts, source, _, ordinal) => startWatchLag(parts, source, ordinal),
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
    warnings.push(...(start(parts, source, index, ordinal) ?? []))
  })
  return warnings
}
