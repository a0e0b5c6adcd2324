import { quantityMilli, quantityValue } from '../src/api/quantity.ts'
import type { DeviceClass, Node } from '../src/api/types.generated.ts'
import type { ClusterChange } from '../src/scheduler/framework/index.ts'
import type { DelegatedResources } from './device-allocation/device-counts.ts'
import { requestOf } from './resource-columns.ts'

/** What a pod asks for of one resource, above 0. */
export interface Request {
  readonly resource: string
  readonly amount: number
}

/** Prefix of the resource that stands for one device of a class. */
const DEVICE_CLASS_PREFIX = 'deviceclass.resource.kubernetes.io/'

/** Changes that may make a pod that NodeResourcesFit rejected worth another try. */
export const RETRY_EVENTS: readonly ClusterChange['type'][] = [
  'assigned-pod-deleted',
  'pending-pod-deleted',
  'assigned-pod-updated',
  'pending-pod-updated',
  'node-added',
  'node-updated',
  'object-changed',
]

/**
 * Whether a pod that NodeResourcesFit rejected is worth another try: a pod left any node or was nominated to one and
 * went, a pod on a node or the pod itself asks for less, a node came or grew on which it would fit alone. `delegated` are the
 * resources that devices stand for.
 *
 * Source: Kubernetes v1.37, scheduler plugins/noderesources `fit.go`, `isSchedulableAfterPodEvent`, `…NodeChange` and
 * `…DeviceClassEvent`.
 */
export function isWorthRetry(
  requests: readonly Request[],
  change: ClusterChange,
  delegated: () => DelegatedResources | undefined,
): boolean {
  switch (change.type) {
    case 'assigned-pod-deleted':
    case 'pending-pod-deleted':
      return true
    case 'assigned-pod-updated':
      return requests.some(
        ({ resource }) => requestOf(resource, change.pod, false) < requestOf(resource, change.old, false),
      )
    case 'pending-pod-updated':
      return change.itself && change.updates.includes('scale-down')
    case 'node-added':
      return couldFit(requests, change.node, delegated())
    case 'node-updated':
      return hasGrown(requests, change.old, change.node) && couldFit(requests, change.node, delegated())
    case 'object-changed':
      return change.kind === 'DeviceClass' && hasDeviceClass(requests, change)
    default:
      return false
  }
}

/** Whether the pod would fit on the node if it were empty. */
function couldFit(
  requests: readonly Request[],
  node: Node,
  delegated: DelegatedResources | undefined,
): boolean {
  return (
    amountOf(node, 'pods') >= 1 &&
    requests.every(({ resource, amount }) => {
      const whole = amountOf(node, resource)
      return amount <= whole || (whole === 0 && delegated?.has(resource) === true)
    })
  )
}

function hasGrown(requests: readonly Request[], old: Node, node: Node): boolean {
  const resources = ['pods', ...requests.map(({ resource }) => resource)]
  return resources.some((resource) => amountOf(node, resource) > amountOf(old, resource))
}

function amountOf(node: Node, resource: string): number {
  const amount = (node.status?.allocatable ?? node.status?.capacity)?.[resource] ?? 0
  return resource === 'cpu' ? quantityMilli(amount) : quantityValue(amount)
}

/** Whether a device class came, or got another name as a resource, that the pod asks for. */
function hasDeviceClass(
  requests: readonly Request[],
  change: Extract<ClusterChange, { type: 'object-changed' }>,
): boolean {
  if (change.verb === 'DELETED') return false
  const old = change.old as DeviceClass | undefined
  const now = change.object as DeviceClass
  const asks = (wanted: string): boolean => requests.some(({ resource }) => resource === wanted)
  const name = now.spec?.extendedResourceName ?? ''
  if (old === undefined && asks(DEVICE_CLASS_PREFIX + (now.metadata?.name ?? ''))) return true
  if (old !== undefined && (old.spec?.extendedResourceName ?? '') === name) return false
  return name !== '' && asks(name)
}
