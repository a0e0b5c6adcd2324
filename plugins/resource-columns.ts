import type { NodeColumns, NodeIndex, PodShape } from '../src/scheduler/framework/index.ts'

/** Names of the columns of what nodes have and what pods asked for on them, as they asked. */
export const REQUEST_COLUMNS = [
  'allocatableCpu',
  'allocatableMemory',
  'allocatableEphemeralStorage',
  'allocatableScalar',
  'requestedCpu',
  'requestedMemory',
  'requestedEphemeralStorage',
  'requestedScalar',
] as const

/** Names of the same with what counts for pods that ask for nothing. */
export const RESOURCE_COLUMNS = [...REQUEST_COLUMNS, 'nonZeroCpu', 'nonZeroMemory'] as const

/** The columns named by `REQUEST_COLUMNS`. */
export type RequestColumns = Pick<NodeColumns, (typeof REQUEST_COLUMNS)[number]>

/** The columns named by `RESOURCE_COLUMNS`. */
export type ResourceColumns = Pick<NodeColumns, (typeof RESOURCE_COLUMNS)[number]>

/** Columns of what nodes have. */
type AllocatableColumns = Pick<
  ResourceColumns,
  'allocatableCpu' | 'allocatableMemory' | 'allocatableEphemeralStorage' | 'allocatableScalar'
>

/** Allocatable amount of a resource, in millicores for cpu, else in units; 0 when the node does not have it. */
export function allocatableOf(resource: string, node: NodeIndex, nodes: AllocatableColumns): number {
  switch (resource) {
    case 'cpu':
      return nodes.allocatableCpu(node)
    case 'memory':
      return nodes.allocatableMemory(node)
    case 'ephemeral-storage':
      return nodes.allocatableEphemeralStorage(node)
    default:
      return nodes.allocatableScalar(node, resource)
  }
}

/** Sum of the requests on a node. */
export function requestedOf(resource: string, node: NodeIndex, nodes: RequestColumns): number {
  switch (resource) {
    case 'cpu':
      return nodes.requestedCpu(node)
    case 'memory':
      return nodes.requestedMemory(node)
    case 'ephemeral-storage':
      return nodes.requestedEphemeralStorage(node)
    default:
      return nodes.requestedScalar(node, resource)
  }
}

/** The same where containers without cpu or memory requests count with the defaults. */
export function nonZeroRequestedOf(resource: string, node: NodeIndex, nodes: ResourceColumns): number {
  if (resource === 'cpu') return nodes.nonZeroCpu(node)
  return resource === 'memory' ? nodes.nonZeroMemory(node) : requestedOf(resource, node, nodes)
}

/** What a pod asks of a resource. */
export function requestOf(resource: string, pod: PodShape, nonZero: boolean): number {
  switch (resource) {
    case 'cpu':
      return nonZero ? pod.scored.cpu : pod.requests.cpu
    case 'memory':
      return nonZero ? pod.scored.memory : pod.requests.memory
    case 'ephemeral-storage':
      return pod.requests.ephemeralStorage
    default:
      return pod.requests.scalars.get(resource) ?? 0
  }
}

/** Whether a resource is none of cpu, memory and ephemeral storage: scoring leaves it out for pods that do not ask. */
export function isScalar(resource: string): boolean {
  return resource !== 'cpu' && resource !== 'memory' && resource !== 'ephemeral-storage'
}

/** `part × 100 / whole`, rounded down, exact for any 64-bit amounts. `whole` is above 0, `part` not below. */
export function percentOf(part: number, whole: number): number {
  const product = part * 100
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / whole)
  return Number((BigInt(part) * 100n) / BigInt(whole))
}
