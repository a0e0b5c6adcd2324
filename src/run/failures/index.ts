import { InputError } from '../../base/errors.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { startApiServerOutages } from '../../failure/api-server-outage.ts'
import { startEtcdFailures } from '../../failure/etcd-failure.ts'
import { startLeaderLosses } from '../../failure/leader-loss.ts'
import { startNodeCrashes } from '../../failure/node-crash.ts'
import { startOutages } from '../../failure/outage.ts'
import { startMaintenance } from '../../failure/maintenance.ts'
import { NodeShutdown, shutdownGraces } from '../../node/node-shutdown.ts'
import type { FailureSource } from '../../scenario/failures/index.ts'
import { selectNodes } from '../build-nodes.ts'
import type { FailureParts, FailureStart } from './failure-start.ts'
import { replayFailureTrace } from './replay-failure-trace.ts'

type Starts = {
  readonly [Kind in FailureSource['kind']]: FailureStart<Extract<FailureSource, { readonly kind: Kind }>>
}

/** How each kind of failure is started. */
const STARTS: Starts = {
  nodeCrash: ({ sim, api, log }, source) =>
    startNodeCrashes(sim, log, selectNodes(api, source.selector), source),
  zoneOutage({ sim, api, log }, { selector, at, span }, index) {
    const nodes = selectNodes(api, selector).map(({ row }) => row)
    startOutages(sim, log, `zone-outage/${index}`, [{ model: 'zone-outage', nodes, at, span }].values())
  },
  maintenance({ sim, api, log, shutdown }, source, index) {
    const nodes = selectNodes(api, source.selector).map(({ row }) => row)
    const { at, span, shutdownGracePeriod: total, shutdownGracePeriodCriticalPods: critical } = source
    const graces = source.graces ?? shutdownGraces({ total, critical })
    const parts = { log, shutdown: shutdown() }
    startMaintenance(sim, parts, `maintenance/${index}`, { nodes, at, span, graces })
  },
  trace: replayFailureTrace,
  leaderLoss({ sim, log, controlPlane }, { component, times }, index) {
    const election = controlPlane.election(component)
    startLeaderLosses(sim, log, component, { election, times, name: `leader-loss/${index}` })
  },
  apiServerOutage({ sim, log, controlPlane }, { replicas, times }, index) {
    const options = { replicas, times, name: `api-server-outage/${index}` }
    startApiServerOutages(sim, log, controlPlane.apiServers(), options)
  },
  etcdFailure({ sim, log, controlPlane }, { members, times }, index) {
    startEtcdFailures(sim, log, controlPlane.etcd(), { members, times, name: `etcd-failure/${index}` })
  },
}

/** Looks at the failures of a scenario without starting them; returns which of them hit no node. */
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
    if (!('selector' in source) || selectNodes(api, source.selector).length > 0) return []
    const labels = Object.entries(source.selector ?? {}).map(([key, value]) => `${key}=${value}`)
    return [`spec.failures[${index}] has no effect: no node has the labels ${labels.join(', ')}`]
  })
}

/** Starts the failures of a scenario; returns what of them has no meaning here. */
export function buildFailures(
  given: Omit<FailureParts, 'shutdown'>,
  sources: readonly FailureSource[],
): readonly string[] {
  let shutdown: NodeShutdown | undefined
  const parts: FailureParts = {
    ...given,
    shutdown: () => (shutdown ??= new NodeShutdown(given.sim, given.api, given)),
  }
  const warnings = [...checkFailures(given.api, sources)]
  sources.forEach((source, index) => {
    const start = STARTS[source.kind] as FailureStart<FailureSource>
    warnings.push(...(start(parts, source, index) ?? []))
  })
  return warnings
}
