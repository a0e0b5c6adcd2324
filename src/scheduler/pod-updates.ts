import type { PodShape } from './framework/pod-shape.ts'
import type { PodUpdate } from './framework/cluster-change.ts'

/**
 * What of a pod changed that queueing hints ask for, in the order in which kube-scheduler tells of it.
 *
 * Tolerations can only be added, so their number says it. Source: kube-scheduler v1.37, framework
 * `PodSchedulingPropertiesChange`.
 */
export function podUpdates(old: PodShape, pod: PodShape): readonly PodUpdate[] {
  const updates: PodUpdate[] = []
  if (!isSameText(old.labels, pod.labels)) updates.push('labels')
  if (hasScaledDown(old, pod)) updates.push('scale-down')
  if (gateCount(old) > 0 && gateCount(pod) === 0) updates.push('gates-eliminated')
  if ((old.spec.tolerations ?? []).length !== (pod.spec.tolerations ?? []).length) updates.push('tolerations')
  return updates
}

function isSameText(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  if (one === other) return true
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}

function hasScaledDown(old: PodShape, pod: PodShape): boolean {
  const before = old.requests
  const now = pod.requests
  if (now.cpu < before.cpu || now.memory < before.memory) return true
  if (now.ephemeralStorage < before.ephemeralStorage) return true
  return [...before.scalars].some(([resource, amount]) => (now.scalars.get(resource) ?? 0) < amount)
}

function gateCount(pod: PodShape): number {
  return (pod.spec.schedulingGates ?? []).length
}
