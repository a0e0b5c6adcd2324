import { startMaintenance } from '../../failure/maintenance.ts'
import { startNodeCrashes } from '../../failure/node-crash.ts'
import { startOutages } from '../../failure/outage.ts'
import { shutdownGraces } from '../../node/node-shutdown.ts'
import type { MaintenanceSource } from '../../scenario/failures/maintenance.ts'
import type { NodeCrashSource } from '../../scenario/failures/node-crash.ts'
import type { ZoneOutageSource } from '../../scenario/failures/zone-outage.ts'
import { selectNodes } from '../build-nodes.ts'
import type { FailureParts } from './failure-start.ts'

/** Starts crashes of single nodes. */
export function startCrashes(
  { sim, api, log, replacements }: FailureParts,
  { selector, timeBetweenFailures, repair, replacement }: NodeCrashSource,
  _: number,
  ordinal: number,
): void {
  const stream = sim.random.stream(`failure/node-crash/${ordinal}/replacement`)
  const nodes = selectNodes(api, selector)
  const add = startNodeCrashes(sim, log, nodes, {
    timeBetweenFailures,
    repair,
    ordinal,
    replace:
      replacement === undefined
        ? undefined
        : (row, replaced) => replacements.replace(row, { after: replacement, stream }, replaced),
  })
  replacements.onJoinedFor(nodes, add)
}

/** Starts the outage of a zone. */
export function startZoneOutage(
  { sim, api, log }: FailureParts,
  { selector, at, span }: ZoneOutageSource,
  index: number,
): void {
  const nodes = selectNodes(api, selector).map(({ row }) => row)
  startOutages(sim, log, `zone-outage/${index}`, [{ model: 'zone-outage', nodes, at, span }].values())
}

/** Starts a maintenance. */
export function startMaintenances(
  { sim, api, log, shutdown }: FailureParts,
  source: MaintenanceSource,
  index: number,
): void {
  const nodes = selectNodes(api, source.selector).map(({ row }) => row)
  const { at, span, shutdownGracePeriod: total, shutdownGracePeriodCriticalPods: critical } = source
  const graces = source.graces ?? shutdownGraces({ total, critical })
  const parts = { log, shutdown: shutdown() }
  startMaintenance(sim, parts, `maintenance/${index}`, { nodes, at, span, graces })
}
