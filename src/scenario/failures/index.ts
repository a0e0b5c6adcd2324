import type { Fields, ScenarioReader, Step } from '../reader.ts'
import { object } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'
import { apiServerOutage } from './api-server-outage.ts'
import { badRollout } from './bad-rollout.ts'
import { cloudThrottling } from './cloud-throttling.ts'
import { diskFull } from './disk-full.ts'
import { domainOutage } from './domain-outage.ts'
import { etcdDataLoss } from './etcd-data-loss.ts'
import { etcdFailure } from './etcd-failure.ts'
import { etcdSlowDisk } from './etcd-slow-disk.ts'
import { failSlow } from './fail-slow.ts'
import type { FailureKind } from './failure-kind.ts'
import { failureTrace } from './failure-trace.ts'
import { incident } from './incident.ts'
import { kubeletHang } from './kubelet-hang.ts'
import { leaderLoss } from './leader-loss.ts'
import { maintenance } from './maintenance.ts'
import { nodeCrash } from './node-crash.ts'
import { partition } from './partition.ts'
import { poisonousPod } from './poisonous-pod.ts'
import { registryOutage } from './registry-outage.ts'
import { spotInterruption } from './spot-interruption.ts'
import { swarm } from './swarm.ts'
import { watchLag } from './watch-lag.ts'
import { zoneOutage } from './zone-outage.ts'

/** Kinds of failures, in the order in which they are described. */
const KINDS = [
  nodeCrash,
  zoneOutage,
  domainOutage,
  incident,
  partition,
  failSlow,
  kubeletHang,
  diskFull,
  maintenance,
  spotInterruption,
  registryOutage,
  cloudThrottling,
  badRollout,
  poisonousPod,
  swarm,
  failureTrace,
  leaderLoss,
  apiServerOutage,
  etcdFailure,
  etcdSlowDisk,
  etcdDataLoss,
  watchLag,
] as const

/** An item of `spec.failures`. */
export type FailureSource = ReturnType<(typeof KINDS)[number]['resolve']>

/** An item of `spec.failures`: one field, which names its kind. */
export const failureSchema: JsonSchema = object(
  Object.fromEntries(
    (KINDS as readonly FailureKind<FailureSource>[]).map(({ kind, meaning, schema }) => [
      kind,
      meaning === undefined ? schema : { ...schema, description: meaning },
    ]),
  ),
)

/** Reads an item of `spec.failures`. */
export function failureSource(reader: ScenarioReader, at: readonly Step[]): FailureSource {
  const said = Object.keys((reader.get(at) ?? {}) as Fields)
  const found = KINDS.find(({ kind }) => kind === said[0]) as FailureKind<FailureSource> | undefined
  if (found === undefined || said.length !== 1) {
    reader.fail(at, `expected exactly one of ${KINDS.map(({ kind }) => kind).join(', ')}`)
  }
  return found.resolve(reader, [...at, found.kind])
}
