import type { Simulation } from '../engine/simulation.ts'
import type { ApiServers, LostConnections } from './control-plane/api-servers.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** How API servers fail. */
export interface ApiServerOutageOptions {
  /** How many at a time; all without a number. */
  readonly replicas: number | undefined
  readonly connections: LostConnections
  readonly occurrence: Occurrence
  /** Of its handlers and its stream of chance. */
  readonly name: string
}

/** Takes API servers down at its times: so many of those that run then, from the first; all without a number. */
export function startApiServerOutages(
  sim: Simulation,
  log: FailureLog,
  servers: ApiServers,
  { replicas, connections, occurrence, name }: ApiServerOutageOptions,
): void {
  const handlers = { begin: `${name}/begin`, end: `${name}/end` }
  const outages = new Occurrences(sim, log, { model: 'api-server-outage', handlers, occurrence })
  let down: readonly number[] = []
  outages.add({
    id: 0,
    stream: sim.random.stream(`failure/${name}`),
    strike() {
      down = servers.running.slice(0, replicas ?? servers.count)
      return down.length === 0 ? undefined : { effect: { kind: 'none' }, name: down.map(nameOf).join(' ') }
    },
    began: () => servers.stop(down, connections),
    ended: () => servers.start(down),
  })
}

function nameOf(replica: number): string {
  return `kube-apiserver-${replica + 1}`
}
