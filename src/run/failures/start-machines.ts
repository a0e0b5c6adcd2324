import { scaledValue } from '../../api/int-or-percent.ts'
import type { Micros } from '../../base/time.ts'
import { startMaintenance } from '../../failure/maintenance.ts'
import { MaintenanceWaves } from '../../failure/maintenance-waves.ts'
import { startNodeCrashes } from '../../failure/node-crash.ts'
import { startOutages } from '../../failure/outage.ts'
import { shutdownGraces } from '../../node/node-shutdown.ts'
import type { NodeLabels } from '../../scenario/failures/failure-kind.ts'
import type { MaintenanceSource } from '../../scenario/failures/maintenance.ts'
import type { NodeCrashSource } from '../../scenario/failures/node-crash.ts'
import type { ZoneOutageSource } from '../../scenario/failures/zone-outage.ts'
import { selectNodes } from '../build-nodes.ts'
import { failingNodes } from './failing-nodes.ts'
import type { FailureParts } from './failure-start.ts'

/** Starts crashes of single nodes. */
export function startCrashes(
  { sim, api, log, replacements }: FailureParts,
  { selector, timeBetweenFailures, repair, age, replacement }: NodeCrashSource,
  ordinal: number,
): void {
  const stream = sim.random.stream(`failure/node-crash/${ordinal}/replacement`)
  const nodes = selectNodes(api, selector)
  const add = startNodeCrashes(sim, log, nodes, {
    timeBetweenFailures,
    repair,
    age,
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
  { sim, api, log, replacements }: FailureParts,
  { selector, at, span }: ZoneOutageSource,
  _: number,
  index: number,
): void {
  const members = selectNodes(api, selector)
  const nodes = members.map(({ row }) => row)
  replacements.onJoinedFor(members, ({ row }) => nodes.push(row))
  const outage = { model: 'zone-outage', target: placeText(selector), nodes, place: selector, at, span }
  startOutages(sim, log, `zone-outage/${index}`, [outage].values())
}

/** The place that nodes with these labels are: the zone where that is all that is said. */
function placeText(selector: NodeLabels): string {
  const labels = Object.entries(selector)
  const [first] = labels
  if (labels.length === 1 && first?.[0] === 'topology.kubernetes.io/zone') return `zone ${first[1]}`
  return labels.map(([key, value]) => `${key}=${value}`).join(' ')
}

/** Starts a maintenance: all nodes at once, or in waves. */
export function startMaintenances(
  { sim, api, machines, log, shutdown }: FailureParts,
  source: MaintenanceSource,
  _: number,
  index: number,
): void {
  const { selector, at, span, shutdownGracePeriod: total, shutdownGracePeriodCriticalPods: critical } = source
  const graces = source.graces ?? shutdownGraces({ total, critical })
  const parts = { log, shutdown: shutdown() }
  const name = `maintenance/${index}`
  if (source.waves === undefined) {
    const nodes = selectNodes(api, selector).map(({ row }) => row)
    startMaintenance(sim, parts, name, { nodes, at, span, graces })
    return
  }
  const { nodesMax, window, every, schedule } = source.waves
  const epoch = api.calendar.parse('1970-01-01T00:00:00Z')
  const next = (after: Micros): Micros | undefined => {
    if (every !== undefined) return after + every
    const found = schedule?.next(after - epoch)
    return found === undefined ? undefined : found + epoch
  }
  new MaintenanceWaves(sim, parts, {
    name,
    nodes: () => failingNodes({ api, machines }, { selector, names: undefined }).map(({ row }) => row),
    first: schedule === undefined ? at : next(-1),
    next,
    window,
    nodesMax: (count) => scaledValue(nodesMax, count, 'down') ?? 1,
    span,
    graces,
  })
}
