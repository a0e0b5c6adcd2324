import type { Fields, ScenarioReader, Step } from '../reader.ts'
import { object } from '../schema-parts.ts'
import type { JsonSchema } from '../schema-parts.ts'
import { apiServerOutage } from './api-server-outage.ts'
import type { ApiServerOutageSource } from './api-server-outage.ts'
import { etcdFailure } from './etcd-failure.ts'
import type { EtcdFailureSource } from './etcd-failure.ts'
import type { FailureKind } from './failure-kind.ts'
import { failureTrace } from './failure-trace.ts'
import type { FailureTraceSource } from './failure-trace.ts'
import { leaderLoss } from './leader-loss.ts'
import type { LeaderLossSource } from './leader-loss.ts'
import { maintenance } from './maintenance.ts'
import type { MaintenanceSource } from './maintenance.ts'
import { nodeCrash } from './node-crash.ts'
import type { NodeCrashSource } from './node-crash.ts'
import { zoneOutage } from './zone-outage.ts'
import type { ZoneOutageSource } from './zone-outage.ts'

/** An item of `spec.failures`. */
export type FailureSource =
  | NodeCrashSource
  | ZoneOutageSource
  | MaintenanceSource
  | FailureTraceSource
  | LeaderLossSource
  | ApiServerOutageSource
  | EtcdFailureSource

/** Kinds of failures, in the order in which they are described. */
const KINDS: readonly FailureKind<FailureSource>[] = [
  nodeCrash,
  zoneOutage,
  maintenance,
  failureTrace,
  leaderLoss,
  apiServerOutage,
  etcdFailure,
]

/** An item of `spec.failures`: one field, which names its kind. */
export const failureSchema: JsonSchema = object(
  Object.fromEntries(KINDS.map(({ kind, schema }) => [kind, schema])),
)

/** Reads an item of `spec.failures`. */
export function failureSource(reader: ScenarioReader, at: readonly Step[]): FailureSource {
  const said = Object.keys((reader.get(at) ?? {}) as Fields)
  const found = KINDS.find(({ kind }) => kind === said[0])
  if (found === undefined || said.length !== 1) {
    reader.fail(at, `expected exactly one of ${KINDS.map(({ kind }) => kind).join(', ')}`)
  }
  return found.resolve(reader, [...at, found.kind])
}
