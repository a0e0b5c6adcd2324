import { formatQuantity, parseQuantity } from '../../api/quantity.ts'
import { isPodLevelResource } from '../../api/resources.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { ContainerStats, PodStats } from './pod-stats.ts'
import { resourceOf } from './signals.ts'
import type { StarvedResource } from './signals.ts'
import { amountText, numberText, observedText } from './thresholds.ts'
import type { Observations, Threshold } from './thresholds.ts'

const NANO = 1_000_000_000

/**
 * Why pods are evicted for this resource: what was left, by the first of the thresholds that are about it.
 *
 * Source: kubelet v1.37, eviction/helpers.go `evictionMessage`, `getThresholdMetInfo`.
 */
export function shortageMessage(
  resource: StarvedResource,
  thresholds: readonly Threshold[],
  observations: Observations,
): string {
  const message = `The node was low on resource: ${resource}. `
  for (const { signal, value } of thresholds) {
    const observed = observations.get(signal)
    if (observed === undefined || resourceOf(signal) !== resource) continue
    const threshold = amountText(value, observed.capacity)
    return `${message}Threshold quantity: ${threshold}, available: ${observedText(signal, observed.available)}. `
  }
  return message
}

/** What of the pod used more than it had asked for: goes on with the message of the shortage. */
export function blameMessage(resource: StarvedResource, pod: Pod, stats: PodStats): string {
  const { containers = [], initContainers = [] } = pod.spec ?? {}
  const candidates = [...containers, ...initContainers]
  let message = ''
  const podRequest = pod.spec?.resources?.requests?.[resource]
  const podUsage = stats.memory?.workingSetBytes ?? 0
  if (resource === 'memory' && podRequest !== undefined && hasPodLevel(pod) && stats.memory !== undefined) {
    const request = canonical(podRequest).text
    message += blame(`Pod ${pod.metadata?.name ?? ''}`, podUsage, request, resource)
  }
  for (const used of stats.containers ?? []) {
    const container = candidates.find(({ name }) => name === used.name)
    const usage = containerUsage(resource, used)
    if (container === undefined || usage === undefined) continue
    const request = canonical(container.resources?.requests?.[resource] ?? 0)
    if (usage > request.amount) {
      message += blame(`Container ${used.name}`, usage, request.text, resource)
    }
  }
  return message
}

function hasPodLevel(pod: Pod): boolean {
  const { requests = {}, limits = {} } = pod.spec?.resources ?? {}
  return [...Object.keys(requests), ...Object.keys(limits)].some(isPodLevelResource)
}

/** Bytes, where containers are measured by this resource. */
function containerUsage(
  resource: StarvedResource,
  { memory, rootfs, logs }: ContainerStats,
): number | undefined {
  if (resource === 'memory') return memory?.workingSetBytes
  if (resource !== 'ephemeral-storage') return undefined
  if (rootfs?.usedBytes === undefined || logs?.usedBytes === undefined) return undefined
  return rootfs.usedBytes + logs.usedBytes
}

function canonical(text: string | number): { readonly amount: number; readonly text: string } {
  const quantity = parseQuantity(text)
  if (quantity === undefined) return { amount: 0, text: '0' }
  return { amount: Number(quantity.nano) / NANO, text: formatQuantity(quantity) }
}

/** The sentence about one container or pod that used more bytes than it had asked for. */
export function blame(who: string, usage: number, request: string, resource: StarvedResource): string {
  const used = numberText(usage, 'BinarySI')
  return `${who} was using ${used}, request is ${request}, has larger consumption of ${resource}. `
}
