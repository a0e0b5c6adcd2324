import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { NodeShutdown, ShutdownGrace } from '../node/node-shutdown.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'

/** Nodes that are shut down together on purpose, and come back. */
export interface Maintenance {
  readonly nodes: readonly NodeRow[]
  /** When their shutdown begins. */
  readonly at: Micros
  /** How long each stays down once its pods have ended. */
  readonly span: Micros
  /** What pods get before the machine goes; none: it goes at once. */
  readonly graces: readonly ShutdownGrace[]
}

/** Plans a maintenance: each node shuts down gracefully, is down for a time, and comes back. */
export function startMaintenance(
  sim: Simulation,
  parts: { readonly log: FailureLog; readonly shutdown: NodeShutdown },
  name: string,
  { nodes, at, span, graces }: Maintenance,
): void {
  const { log, shutdown } = parts
  const end = sim.payloadHandler<FailureRecord>(`${name}/end`, (record) => log.end(record))
  const begin = sim.handler(`${name}/begin`, () => {
    for (const node of nodes) {
      shutdown.start(node, graces, () => {
        sim.afterWith(Math.max(1, span), end, log.begin('maintenance', { nodes: [node] }))
      })
    }
  })
  sim.at(at, begin)
}
