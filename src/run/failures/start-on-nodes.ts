import { effectDraw } from '../../failure/effect.ts'
import type { EffectDraw } from '../../failure/effect.ts'
import { DomainOutages } from '../../failure/domain-outage.ts'
import { diskFull } from '../../failure/disk-full.ts'
import { failSlow } from '../../failure/fail-slow.ts'
import { kubeletHang } from '../../failure/kubelet-hang.ts'
import { drawnPart, startNodeGroups } from '../../failure/node-group.ts'
import { partition } from '../../failure/partition.ts'
import { startSingleNodes } from '../../failure/single-nodes.ts'
import type { DiskFullSource } from '../../scenario/failures/disk-full.ts'
import type { DomainOutageSource } from '../../scenario/failures/domain-outage.ts'
import type { FailSlowSource } from '../../scenario/failures/fail-slow.ts'
import type { IncidentSource } from '../../scenario/failures/incident.ts'
import type { KubeletHangSource } from '../../scenario/failures/kubelet-hang.ts'
import type { OccurrenceSource } from '../../scenario/failures/occurrence.ts'
import type { PartitionSource } from '../../scenario/failures/partition.ts'
import type { TargetSource } from '../../scenario/failures/target.ts'
import { failingGroup, failingNodes, failureDomains } from './failing-nodes.ts'
import type { FailureParts } from './failure-start.ts'

interface NodeFailure {
  readonly model: string
  readonly ordinal: number
  readonly target: TargetSource
  readonly occurrence: OccurrenceSource
  readonly effect: EffectDraw
}

/**
 * Lets nodes fail: each on its own again and again, or all of them, or a part, at an instant. Which part fails again and again is
 * drawn once, at the start; nodes that take the place of one of it belong to it.
 */
function startOnNodes(parts: FailureParts, failure: NodeFailure): void {
  const { sim, log } = parts
  const { model, ordinal, target, occurrence, effect } = failure
  if (occurrence.kind === 'once') {
    const group = failingGroup(parts, target, '')
    startNodeGroups(sim, log, [group], { model, ordinal, occurrence, effect, part: target })
    return
  }
  const stream = sim.random.stream(`failure/${model}/${ordinal}/nodes`)
  const nodes = drawnPart(failingNodes(parts, target), target, stream)
  parts.replacements.onJoinedFor(
    nodes,
    startSingleNodes(sim, log, nodes, { model, ordinal, occurrence, effect }),
  )
}

/** Starts nodes that become slow. */
export function startFailSlow(parts: FailureParts, source: FailSlowSource, ordinal: number): void {
  startOnNodes(parts, { ...source, model: 'fail-slow', ordinal, effect: failSlow(source.speed) })
}

/** Starts kubelets that hang. */
export function startKubeletHangs(parts: FailureParts, source: KubeletHangSource, ordinal: number): void {
  startOnNodes(parts, { ...source, model: 'kubelet-hang', ordinal, effect: kubeletHang })
}

/** Starts disks that fill up. */
export function startFullDisks(parts: FailureParts, source: DiskFullSource, ordinal: number): void {
  startOnNodes(parts, { ...source, model: 'disk-full', ordinal, effect: diskFull(source.taken) })
}

/** Starts partitions: of the nodes chosen as one, or of each of their domains. */
export function startPartitions(
  parts: FailureParts,
  { target, occurrence, domain }: PartitionSource,
  ordinal: number,
): void {
  const groups =
    domain === undefined ? [failingGroup(parts, target, '')] : failureDomains(parts, target, domain)
  const options = { model: 'partition', ordinal, occurrence, effect: partition, part: target }
  startNodeGroups(parts.sim, parts.log, groups, options)
}

/** Starts domains that fail as one. */
export function startDomainOutages(parts: FailureParts, source: DomainOutageSource, ordinal: number): void {
  const domains = failureDomains(parts, source.target, source.domain)
  const options = { ...source, ordinal, part: source.target, effect: effectDraw(source.effect) }
  new DomainOutages(parts.sim, parts.log, domains, options)
}

/** Starts something that happens once. */
export function startIncident(parts: FailureParts, source: IncidentSource, ordinal: number): void {
  const { name, at, span, target } = source
  const group = failingGroup(parts, target, name)
  startNodeGroups(parts.sim, parts.log, [group], {
    model: 'incident',
    ordinal,
    occurrence: { kind: 'once', at, span },
    effect: effectDraw(source.effect),
    part: target,
  })
}
