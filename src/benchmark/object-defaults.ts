import type {
  Namespace,
  Node,
  V1ResourceClaim as ResourceClaim,
  ResourceClaimSpec,
} from '../api/types.generated.ts'
import type { StoredObject } from '../cluster/object-store.ts'

/**
 * The defaults that the API server gives a new object, as far as scheduling depends on them.
 *
 * Source: Kubernetes v1.37, pkg/apis/{core,resource,storage}/v1/defaults.go.
 */
export function withDefaults(object: StoredObject): StoredObject {
  switch (object.kind) {
    case 'Node':
      return nodeWithDefaults(object as Node)
    case 'Namespace':
      return namespaceWithDefaults(object as Namespace)
    case 'ResourceClaim': {
      const claim: ResourceClaim = object
      const defaulted: ResourceClaim = { ...claim, spec: claimSpecWithDefaults(claim.spec ?? {}) }
      return defaulted
    }
    case 'StorageClass':
      return { volumeBindingMode: 'Immediate', ...object } as StoredObject
    default:
      return object
  }
}

/** A node's allocatable amounts are its capacity when nobody says otherwise. */
function nodeWithDefaults(node: Node): Node {
  const { status } = node
  if (status?.capacity === undefined || status.allocatable !== undefined) return node
  return { ...node, status: { ...status, allocatable: status.capacity } }
}

function namespaceWithDefaults(namespace: Namespace): Namespace {
  const { metadata } = namespace
  const labels = { ...metadata?.labels, 'kubernetes.io/metadata.name': metadata?.name ?? '' }
  return { ...namespace, metadata: { ...metadata, labels } }
}

/** A request for devices is for exactly one of them when nobody says otherwise. */
function claimSpecWithDefaults(spec: ResourceClaimSpec): ResourceClaimSpec {
  const requests = spec.devices?.requests
  if (requests === undefined) return spec
  return {
    ...spec,
    devices: {
      ...spec.devices,
      requests: requests.map((request) => ({
        ...request,
        ...(request.exactly === undefined ? {} : { exactly: counted(request.exactly) }),
        ...(request.firstAvailable === undefined
          ? {}
          : { firstAvailable: request.firstAvailable.map((one) => counted(one)) }),
      })),
    },
  }
}

function counted<T extends { readonly allocationMode?: string; readonly count?: number }>(request: T): T {
  const allocationMode = request.allocationMode ?? 'ExactCount'
  if (allocationMode !== 'ExactCount') return { ...request, allocationMode }
  return { ...request, allocationMode, count: request.count ?? 1 }
}
