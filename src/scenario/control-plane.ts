import type { Sampler } from '../base/distribution.ts'
import { MILLISECOND, SECOND, formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ScenarioReader } from './reader.ts'
import { distribution, duration, object } from './schema-parts.ts'
import type { JsonSchema } from './schema-parts.ts'

/** etcd, as far as a scenario says something of it: the rest is as by default. */
export interface EtcdSetting {
  readonly members: number
  readonly heartbeat: Micros | undefined
  readonly electionTimeout: Micros | undefined
  readonly roundTrip: Micros | undefined
  readonly fsync: Sampler | undefined
}

/** How API servers take writes. */
export interface RequestSetting {
  /** Of each server: how many requests it serves at a time. */
  readonly maxRequestsInflight: number
  readonly maxMutatingRequestsInflight: number
  /** What a write takes besides etcd. */
  readonly processing: Micros
}

/** How fast the control plane of a run is, and what it consists of. */
export interface ControlPlaneSetting {
  readonly schedulerLatency: Micros
  readonly kubeletLatency: Micros
  /** Time of one scheduling cycle. */
  readonly cycleTime: Micros
  /** How often each controller may write; undefined for what each has by default. */
  readonly controllerLimits: { readonly qps: number; readonly burst: number } | undefined
  /** How often the scheduler may bind; undefined: it binds at once. */
  readonly schedulerLimits: { readonly qps: number; readonly burst: number } | undefined
  /** How writes are taken by API servers; undefined: at once. */
  readonly requests: RequestSetting | undefined
  /** Machines of the control plane: each has an API server, a scheduler and a controller manager. */
  readonly apiServers: number
  readonly etcd: EtcdSetting
}

const factor: JsonSchema = { type: 'number', exclusiveMinimum: 0 }

/** The schema of `spec.controlPlane`. */
export const controlPlaneSchema: JsonSchema = object({
  profile: {
    enum: ['instant', 'typical'],
    description: 'latencies: none, or those of a typical cluster; instant',
  },
  schedulerLatency: { ...duration, description: 'from a write until the scheduler hears of it' },
  kubeletLatency: { ...duration, description: 'from a binding until the kubelet hears of it' },
  cycleTime: { ...duration, description: 'time of one scheduling cycle' },
  controllerQps: {
    ...factor,
    description: "calls a second of each controller; kube-controller-manager's 20 by default",
  },
  controllerBurst: { type: 'integer', minimum: 1, description: 'calls at once; 30 by default' },
  schedulerQps: {
    ...factor,
    description:
      'bindings a second of the scheduler; without it and schedulerBurst, and without requests, it binds at once, else 50 by default',
  },
  schedulerBurst: { type: 'integer', minimum: 1, description: 'bindings at once; 100 by default' },
  requests: {
    ...object({
      maxRequestsInflight: { type: 'integer', minimum: 1, description: 'of each API server; 400 by default' },
      maxMutatingRequestsInflight: {
        type: 'integer',
        minimum: 1,
        description: 'the same of those that write; together they are its seats; 200 by default',
      },
      processing: { ...duration, description: 'what a write takes besides etcd; 5ms by default' },
    }),
    description:
      'with this, writes take seats by API priority and fairness, and the time until etcd has them; none by default',
  },
  apiServers: {
    type: 'integer',
    minimum: 1,
    description:
      'machines of the control plane, each with an API server, a scheduler and a controller manager; 1, or 3 with the profile typical',
  },
  etcd: object({
    members: { type: 'integer', minimum: 1, description: 'members that vote; 3 by default' },
    heartbeat: { ...duration, description: 'how often its leader says that it is there; 100ms by default' },
    electionTimeout: { ...duration, description: 'how long members wait for that at least; 1s by default' },
    roundTrip: { ...duration, description: 'of a message between members, and its answer; 1ms by default' },
    fsync: {
      ...distribution,
      description: 'time until a write is on disk; lognormal with median 2ms and sigma 0.65 by default',
    },
  }),
})

/** Reads `spec.controlPlane`. `typical`: a watch event in 10 ms, a scheduling cycle in 2 ms. */
export function controlPlaneOf(reader: ScenarioReader): ControlPlaneSetting {
  const at = ['spec', 'controlPlane']
  const isTypical = reader.text([...at, 'profile'], 'instant') === 'typical'
  return {
    schedulerLatency: reader.duration([...at, 'schedulerLatency'], isTypical ? 10_000 : 0),
    kubeletLatency: reader.duration([...at, 'kubeletLatency'], isTypical ? 10_000 : 0),
    cycleTime: reader.duration([...at, 'cycleTime'], isTypical ? 2_000 : 0),
    controllerLimits: limitsOf(reader, at, 'controller', { qps: 20, burst: 30 }),
    schedulerLimits: schedulerLimitsOf(reader, at),
    requests: requestsOf(reader, [...at, 'requests']),
    apiServers: apiServersOf(reader),
    etcd: etcdOf(reader, [...at, 'etcd']),
  }
}

/** How many API servers there are. */
export function apiServersOf(reader: ScenarioReader): number {
  const at = ['spec', 'controlPlane']
  const isTypical = reader.text([...at, 'profile'], 'instant') === 'typical'
  return reader.number([...at, 'apiServers'], isTypical ? 3 : 1)
}

/** How many members etcd has. */
export function etcdMembersOf(reader: ScenarioReader): number {
  return reader.number(['spec', 'controlPlane', 'etcd', 'members'], 3)
}

/** etcd does not start with elections after less than 5 heartbeats (v3.6, server/embed/config.go, `Validate`). */
function refuseHasty(
  reader: ScenarioReader,
  at: readonly string[],
  heartbeat: Micros,
  electionTimeout: Micros,
): void {
  if (electionTimeout >= 5 * heartbeat) return
  const field = reader.get([...at, 'electionTimeout']) === undefined ? 'heartbeat' : 'electionTimeout'
  const times = `elections after ${formatDuration(electionTimeout)}, heartbeats each ${formatDuration(heartbeat)}`
  reader.fail([...at, field], times, 'etcd expects at least 5 heartbeats until an election')
}

function etcdOf(reader: ScenarioReader, at: readonly string[]): EtcdSetting {
  const periodOf = (field: string): Micros | undefined =>
    reader.get([...at, field]) === undefined ? undefined : reader.period([...at, field], 1)
  const isSaid = reader.get([...at, 'fsync']) !== undefined
  const [heartbeat, electionTimeout] = [periodOf('heartbeat'), periodOf('electionTimeout')]
  refuseHasty(reader, at, heartbeat ?? 100 * MILLISECOND, electionTimeout ?? SECOND)
  return {
    members: etcdMembersOf(reader),
    heartbeat,
    electionTimeout,
    roundTrip: reader.maybeDuration([...at, 'roundTrip']),
    fsync: isSaid ? reader.durations([...at, 'fsync'], '2ms') : undefined,
  }
}

function requestsOf(reader: ScenarioReader, at: readonly string[]): RequestSetting | undefined {
  if (reader.get(at) === undefined) return undefined
  return {
    maxRequestsInflight: reader.number([...at, 'maxRequestsInflight'], 400),
    maxMutatingRequestsInflight: reader.number([...at, 'maxMutatingRequestsInflight'], 200),
    processing: reader.duration([...at, 'processing'], 5_000),
  }
}

interface Limits {
  readonly qps: number
  readonly burst: number
}

/** Of KubeSchedulerConfiguration v1.37, `clientConnection`: 50 a second, 100 at once. */
function schedulerLimitsOf(reader: ScenarioReader, at: readonly string[]): Limits | undefined {
  const defaults = { qps: 50, burst: 100 }
  const said = limitsOf(reader, at, 'scheduler', defaults)
  return reader.get([...at, 'requests']) === undefined ? said : (said ?? defaults)
}

/** Limits of a client; undefined when none of them is said. */
function limitsOf(
  reader: ScenarioReader,
  at: readonly string[],
  client: string,
  defaults: Limits,
): Limits | undefined {
  const fields = { qps: [...at, `${client}Qps`], burst: [...at, `${client}Burst`] }
  if (reader.get(fields.qps) === undefined && reader.get(fields.burst) === undefined) return undefined
  return {
    qps: reader.number(fields.qps, defaults.qps),
    burst: reader.number(fields.burst, defaults.burst),
  }
}
