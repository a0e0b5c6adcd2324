import type { Simulation } from '../engine/simulation.ts'
import type { CloudApi, CloudLimits } from '../node/cloud-api.ts'
import { causeOf } from './failure-log.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** How a cloud throttles. */
export interface CloudThrottlingOptions {
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal: number
  readonly occurrence: Occurrence
  readonly limits: CloudLimits
}

/**
 * A cloud that takes fewer calls, or answers later: volumes are made and attached, and instances replaced, as slowly as it lets them.
 * What it refuses a real client tries again; here it waits in line.
 */
export function startCloudThrottling(
  sim: Simulation,
  log: FailureLog,
  cloud: CloudApi,
  { ordinal, occurrence, limits }: CloudThrottlingOptions,
): void {
  const name = `cloud-throttling/${ordinal}`
  const throttling = new Occurrences(sim, log, {
    model: 'cloud-throttling',
    handlers: { begin: `${name}/begin`, end: `${name}/end` },
    occurrence,
  })
  throttling.add({
    id: 0,
    stream: sim.random.stream(`failure/${name}`),
    strike: () => ({ effect: { kind: 'none' }, name: 'cloud' }),
    began: (record) => cloud.throttle(causeOf(record), limits),
    ended: (record) => cloud.restore(causeOf(record)),
  })
}
