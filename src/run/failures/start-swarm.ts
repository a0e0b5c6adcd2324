import { Swarm } from '../../failure/swarm.ts'
import type { SwarmSource } from '../../scenario/failures/swarm.ts'
import { failingRows, failureDomains } from './failing-nodes.ts'
import type { FailureParts } from './failure-start.ts'

/** Starts a swarm of failures. */
export function startSwarm(parts: FailureParts, source: SwarmSource, ordinal: number): void {
  const { sim, log, cloud, kubelets } = parts
  const { target, domain } = source
  new Swarm(
    sim,
    {
      log,
      cloud,
      registries: kubelets.workers.images?.registries,
      nodes: () => failingRows(parts, target),
      domains: failureDomains(parts, target, domain),
    },
    { ...source, ordinal },
  )
}
