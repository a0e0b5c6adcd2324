import { NodeDrains } from '../../controllers/node-drains.ts'
import { cordon } from '../../controllers/cordon.ts'
import { startCloudThrottling } from '../../failure/cloud-throttling.ts'
import type { FailingNode } from '../../failure/node-crash.ts'
import { startRegistryOutages } from '../../failure/registry-outage.ts'
import { SpotInterruptions } from '../../failure/spot-interruption.ts'
import { SECOND, formatDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { CloudThrottlingSource } from '../../scenario/failures/cloud-throttling.ts'
import type { RegistryOutageSource } from '../../scenario/failures/registry-outage.ts'
import type { SpotInterruptionSource } from '../../scenario/failures/spot-interruption.ts'
import { failingNodes, failureDomains } from './failing-nodes.ts'
import type { FailureParts } from './failure-start.ts'

/** Starts registries that do not answer. */
export function startRegistries(
  { sim, log, kubelets }: FailureParts,
  source: RegistryOutageSource,
  ordinal: number,
): void {
  const { images } = kubelets.workers
  if (images === undefined) return
  startRegistryOutages(sim, log, images.registries, { ...source, ordinal })
}

/** Starts a cloud that throttles. */
export function startThrottling(
  { sim, log, cloud }: FailureParts,
  source: CloudThrottlingSource,
  ordinal: number,
): void {
  startCloudThrottling(sim, log, cloud, { ...source, ordinal })
}

/** Starts interruptions of spot instances. */
export function startSpotInterruptions(
  parts: FailureParts,
  source: SpotInterruptionSource,
  ordinal: number,
): void {
  const { sim, log, replacements } = parts
  const { target, at, pool, notice, replacement } = source
  const name = `spot-interruption/${ordinal}`
  const stream = sim.random.stream(`failure/${name}/replacement`)
  const interruptions = new SpotInterruptions(sim, log, {
    ordinal,
    notice,
    noticed: noticeTaker(parts, source, name),
    replace:
      replacement === undefined
        ? undefined
        : (row, replaced) => replacements.replace(row, { after: replacement, stream }, replaced),
  })
  const streamOf = (of: string): typeof stream => sim.random.stream(`failure/${name}/${of}`)
  const nodes = failingNodes(parts, target)
  if (typeof at === 'number') {
    interruptions.add({ stream: streamOf('at'), nodes: () => failingNodes(parts, target), part: target, at })
    return
  }
  if (pool === undefined) {
    const add = (node: FailingNode): void => {
      const when = { ...at, isRecurring: false }
      interruptions.add({ stream: streamOf(node.name), nodes: () => [node], part: {}, at: when })
    }
    nodes.forEach(add)
    replacements.onJoinedFor(nodes, add)
    return
  }
  const pools = failureDomains(parts, target, pool)
  for (const one of pools) {
    interruptions.add({
      stream: streamOf(`pool/${one.name}`),
      nodes: () => {
        const rows = new Set(one.nodes())
        return failingNodes(parts, target).filter(({ row }) => rows.has(row))
      },
      part: target,
      at: { ...at, isRecurring: true },
    })
  }
}

/** A node that has its notice, and when it will be gone. */
interface Notice {
  readonly node: string
  readonly goneAt: Micros
}

/** Wait before another try to cordon a node while the API server gives no answer. */
const CORDON_RETRY: Micros = SECOND

/**
 * What is done as a node gets its notice: a line of events.csv, and, as a node termination handler does, cordon and drain, in which
 * pods have at most what is left of the notice.
 */
function noticeTaker(
  { sim, api, note }: FailureParts,
  { notice, drains }: SpotInterruptionSource,
  name: string,
): (node: FailingNode, goneAt: Micros) => void {
  const drain = new NodeDrains(
    { sim, api, name: `${name}/drain` },
    { timeout: notice, limitsGrace: true },
    ({ node, evicted, left, refusals }) => {
      const message = `${evicted} evicted, ${left} still there, ${refusals} refused for a budget`
      note({ kind: 'SpotInterruption', object: node, node, reason: 'Drained', message })
    },
  )
  const begin = sim.payloadHandler<Notice>(`${name}/cordon`, ({ node, goneAt }) => {
    if (sim.now >= goneAt) return
    if (!api.availability.takesWrites) sim.afterWith(CORDON_RETRY, begin, { node, goneAt })
    else if (cordon(api, node, true)) drain.start(node)
  })
  return ({ name: node }, goneAt) => {
    const message = `gone in ${formatDuration(goneAt - sim.now)}`
    note({ kind: 'SpotInterruption', object: node, node, reason: 'Notice', message })
    if (drains) sim.afterWith(0, begin, { node, goneAt })
  }
}
