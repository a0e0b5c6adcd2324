import type { FailureTimes } from '../base/failure-times.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { ApiServers } from './control-plane/api-servers.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { startTimedFailures } from './timed-failures.ts'

/** Takes API servers down at its times: so many of those that run then, from the first; all without a number. */
export function startApiServerOutages(
  sim: Simulation,
  log: FailureLog,
  servers: ApiServers,
  { replicas, times, name }: { replicas: number | undefined; times: FailureTimes; name: string },
): void {
  let down: readonly number[] = []
  let record: FailureRecord | undefined
  startTimedFailures(sim, name, times, {
    begin() {
      down = servers.running.slice(0, replicas ?? servers.count)
      const names = down.length === servers.count ? 'all API servers' : down.map(nameOf).join(' ')
      record = log.begin('api-server-outage', { effect: { kind: 'none' }, name: names })
      servers.stop(down)
    },
    end() {
      servers.start(down)
      if (record !== undefined) log.end(record)
    },
  })
}

function nameOf(replica: number): string {
  return `kube-apiserver-${replica + 1}`
}
