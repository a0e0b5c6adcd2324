import type { Sampler } from '../base/distribution.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ScenarioReader } from './reader.ts'
import { distribution, duration, object } from './schema-parts.ts'
import type { JsonSchema } from './schema-parts.ts'

/** Calls of a cloud that nodes and volumes need. */
export const CLOUD_CALLS = [
  'createInstance',
  'deleteInstance',
  'createVolume',
  'deleteVolume',
  'attachVolume',
  'detachVolume',
] as const

export type CloudCall = (typeof CLOUD_CALLS)[number]

/** What a scenario says of the cloud under its cluster. */
export interface CloudSetting {
  /** Time that calls take, of those of which it was said. */
  readonly latencies: Readonly<Partial<Record<CloudCall, Sampler>>>
  /** Calls a second; undefined: no bound. */
  readonly qps: number | undefined
  readonly burst: number | undefined
  /** How often cloud-controller-manager looks at nodes that are not Ready. */
  readonly monitorPeriod: Micros
  /** Whether it taints nodes whose instances are shut down; where something is said of the cloud, by default. */
  readonly taintsShutDown: boolean
}

const DEFAULTS: Readonly<Record<CloudCall, string>> = {
  createInstance: '0s',
  deleteInstance: '0s',
  createVolume: '5s',
  deleteVolume: '5s',
  attachVolume: '5s',
  detachVolume: '5s',
}

/** `spec.cloud`. */
export const cloudSettings: JsonSchema = {
  ...object({
    latency: object(
      Object.fromEntries(
        CLOUD_CALLS.map((call) => [
          call,
          { ...distribution, description: `time that the call takes; ${DEFAULTS[call]} by default` },
        ]),
      ),
    ),
    qps: { type: 'number', exclusiveMinimum: 0, description: 'calls a second; no bound by default' },
    burst: { type: 'integer', minimum: 1, description: 'calls at once; 1 by default' },
    nodeMonitorPeriod: {
      ...duration,
      description: 'how often cloud-controller-manager looks at nodes that are not Ready; 5s by default',
    },
    shutdownTaint: {
      type: 'boolean',
      description: 'whether it taints nodes whose instances are shut down; true where there is a spec.cloud',
    },
  }),
  description: 'the API of the cloud: what makes and takes instances and volumes',
}

/** Reads `spec.cloud`. */
export function cloudSetting(reader: ScenarioReader): CloudSetting {
  const at = ['spec', 'cloud']
  const said = CLOUD_CALLS.filter((call) => reader.get([...at, 'latency', call]) !== undefined)
  return {
    latencies: Object.fromEntries(
      said.map((call) => [call, reader.durations([...at, 'latency', call], DEFAULTS[call])]),
    ),
    qps: reader.get([...at, 'qps']) as number | undefined,
    burst: reader.get([...at, 'burst']) as number | undefined,
    monitorPeriod: reader.period([...at, 'nodeMonitorPeriod'], 5 * SECOND),
    taintsShutDown: reader.flag([...at, 'shutdownTaint'], reader.get(at) !== undefined),
  }
}
