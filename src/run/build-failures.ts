import type { ApiServer } from '../cluster/api-server.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog } from '../failure/failure-log.ts'
import { readFailureTrace } from '../failure/failure-trace.ts'
import { startNodeCrashes } from '../failure/node-crash.ts'
import { startOutages } from '../failure/outage.ts'
import { tracedOutages } from '../failure/traced-outages.ts'
import { startMaintenance } from '../failure/maintenance.ts'
import { InputError } from '../base/errors.ts'
import type { Kubelets } from '../node/kubelet.ts'
import type { Machines } from '../node/machine.ts'
import { NodeShutdown, shutdownGraces } from '../node/node-shutdown.ts'
import type { FailureSource } from '../scenario/scenario.ts'
import { selectNodes } from './build-nodes.ts'

/** Looks at the failure models of a scenario without starting them; returns which of them hit no node. */
export function checkFailures(api: ApiServer, sources: readonly FailureSource[]): readonly string[] {
  const allCrashing = sources.filter((source) => source.kind === 'nodeCrash')
  if (allCrashing.length > 1) {
    throw new InputError({
      field: 'spec.failures',
      message: 'there is more than one nodeCrash',
      hint: 'give one',
    })
  }
  return sources.flatMap((source, index) => {
    if (source.kind === 'trace' || selectNodes(api, source.selector).length > 0) return []
    const labels = Object.entries(source.selector ?? {}).map(([key, value]) => `${key}=${value}`)
    return [`spec.failures[${index}] has no effect: no node has the labels ${labels.join(', ')}`]
  })
}

/** Starts the failure models of a scenario; returns what of them has no meaning here. */
export function buildFailures(
  sim: Simulation,
  api: ApiServer,
  parts: { readonly log: FailureLog; readonly kubelets: Kubelets; readonly machines: Machines },
  sources: readonly FailureSource[],
): readonly string[] {
  const { log } = parts
  let shutdown: NodeShutdown | undefined
  const warnings = [...checkFailures(api, sources)]
  sources.forEach((source, index) => {
    if (source.kind === 'nodeCrash') startNodeCrashes(sim, log, selectNodes(api, source.selector), source)
    else if (source.kind === 'zoneOutage') {
      const nodes = selectNodes(api, source.selector).map(({ row }) => row)
      const outage = { model: 'zone-outage', nodes, at: source.at, span: source.span }
      startOutages(sim, log, `zone-outage/${index}`, [outage].values())
    } else if (source.kind === 'maintenance') {
      shutdown ??= new NodeShutdown(sim, api, parts)
      const nodes = selectNodes(api, source.selector).map(({ row }) => row)
      const { at, span, shutdownGracePeriod: total, shutdownGracePeriodCriticalPods: critical } = source
      const graces = source.graces ?? shutdownGraces({ total, critical })
      startMaintenance(sim, { log, shutdown }, `maintenance/${index}`, { nodes, at, span, graces })
    } else warnings.push(...replay(sim, api, log, source, index))
  })
  return warnings
}

function replay(
  sim: Simulation,
  api: ApiServer,
  log: FailureLog,
  source: FailureSource & { readonly kind: 'trace' },
  index: number,
): readonly string[] {
  const { failures, skipped } = readFailureTrace(source.file, source.format)
  const taken = failures
    .filter((failure) => failure.at >= source.from)
    .slice(0, source.limit)
    .map((failure) => ({ ...failure, at: failure.at - source.from }))
  const rows = selectNodes(api, undefined).map(({ row }) => row)
  const stream = sim.random.stream(`failure/trace/${index}`)
  const outages = tracedOutages(taken, rows, { timeScale: source.timeScale, stream })
  startOutages(sim, log, `failure-trace/${index}`, outages)
  return [...skipped].map(([reason, count]) => `${source.file}: ${count} rows were left out: ${reason}`)
}
