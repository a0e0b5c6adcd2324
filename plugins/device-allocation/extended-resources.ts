import { DEVICE_CLASS_PREFIX } from '../../src/api/device-class-resource.ts'
import { parseQuantity } from '../../src/api/quantity.ts'
import type {
  Container,
  DeviceClass,
  DeviceRequest,
  PodSpec,
  ResourceClaimSpec,
  V1ResourceClaim as ResourceClaim,
} from '../../src/api/types.generated.ts'
import type { ClusterView, PodIdentity, PodShape } from '../../src/scheduler/framework/index.ts'
import { uidOf } from './pod-claims.ts'

/** Marks the claim that the scheduler makes for a pod's extended resources. */
const CLAIM_ANNOTATION = 'resource.kubernetes.io/extended-resource-claim'

const NANO = 1_000_000_000n

const classes = new WeakMap<
  ClusterView,
  { readonly revision: number; readonly byResource: ReadonlyMap<string, DeviceClass> }
>()

/** Whether devices may stand for a resource of this name. */
export function isExtendedResource(name: string): boolean {
  if (name.startsWith(DEVICE_CLASS_PREFIX)) return true
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.')
}

/** The extended resources that a pod asks for, by name with their amounts; none are 0. */
export function extendedRequests(pod: PodShape): ReadonlyMap<string, number> {
  return new Map([...pod.requests.scalars].filter(([name, amount]) => amount > 0 && isExtendedResource(name)))
}

/**
 * The device class that stands for a resource: the youngest that names it, the first by name among equals.
 *
 * Source: Kubernetes v1.37, dynamic-resource-allocation/deviceclass/extendedresourcecache.
 */
export function deviceClassFor(resource: string, cluster: ClusterView): DeviceClass | undefined {
  if (cluster.count('DeviceClass') === 0) return undefined
  const revision = cluster.revisionOf('DeviceClass')
  let known = classes.get(cluster)
  if (known?.revision !== revision) {
    known = { revision, byResource: byResource(cluster) }
    classes.set(cluster, known)
  }
  return known.byResource.get(resource)
}

function byResource(cluster: ClusterView): Map<string, DeviceClass> {
  const found = new Map<string, DeviceClass>()
  for (const deviceClass of cluster.objects('DeviceClass') as Iterable<DeviceClass>) {
    found.set(DEVICE_CLASS_PREFIX + (deviceClass.metadata?.name ?? ''), deviceClass)
    const resource = deviceClass.spec?.extendedResourceName
    if (resource === undefined) continue
    const other = found.get(resource)
    if (other === undefined || goesBefore(deviceClass, other)) found.set(resource, deviceClass)
  }
  return found
}

function goesBefore(one: DeviceClass, other: DeviceClass): boolean {
  const [made, otherMade] = [one, other].map(({ metadata }) => metadata?.creationTimestamp ?? '')
  if (made !== otherMade) return (made ?? '') > (otherMade ?? '')
  return (one.metadata?.name ?? '') < (other.metadata?.name ?? '')
}

/** Whether the scheduler made the claim for the extended resources of a pod. */
export function isOfExtendedResources({ metadata }: ResourceClaim): boolean {
  return metadata?.annotations?.[CLAIM_ANNOTATION] === 'true'
}

/** The claim that was made for the pod's extended resources in an earlier attempt, if there is one. */
export function claimOfEarlierAttempt(
  claims: Iterable<ResourceClaim>,
  pod: PodIdentity,
): ResourceClaim | undefined {
  for (const claim of claims) {
    if (!isOfExtendedResources(claim)) continue
    const isOfPod = (claim.metadata?.ownerReferences ?? []).some(
      ({ name, controller, uid }) => name === pod.name && controller === true && uid === uidOf(pod),
    )
    if (isOfPod) return claim
  }
  return undefined
}

/** The claim for a pod's extended resources. */
export function extendedResourceClaim(
  pod: PodIdentity,
  namespace: string,
  spec: ResourceClaimSpec,
): ResourceClaim {
  const uid = uidOf(pod)
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      // Where the real one has a random ending, the pod's name has to do: a pod has one such claim at a time.
      name: `${pod.name}-extended-resources`,
      namespace,
      uid: `${uid}-extended-resources`,
      annotations: { [CLAIM_ANNOTATION]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod.name, uid, controller: true }],
    },
    spec,
  }
}

/**
 * One request for each container and extended resource that a device class stands for, by name.
 *
 * Source: Kubernetes v1.37, scheduler plugins/dynamicresources `createDeviceRequests`.
 */
export function deviceRequests(spec: PodSpec, classes: ReadonlyMap<string, DeviceClass>): DeviceRequest[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const requests = containers.flatMap((container, index) => requestsOfContainer(container, index, classes))
  return requests.sort((one, other) => (one.name === other.name ? 0 : one.name < other.name ? -1 : 1))
}

function requestsOfContainer(
  container: Container,
  index: number,
  classes: ReadonlyMap<string, DeviceClass>,
): DeviceRequest[] {
  const amounts = container.resources?.requests ?? {}
  return Object.keys(amounts)
    .sort()
    .flatMap((resource, place) => {
      const nano = parseQuantity(amounts[resource] ?? 0)?.nano ?? 0n
      const deviceClassName = classes.get(resource)?.metadata?.name
      const isCounted = nano > 0n && nano % NANO === 0n
      if (deviceClassName === undefined || !isCounted) return []
      const exactly = { deviceClassName, allocationMode: 'ExactCount', count: Number(nano / NANO) }
      return [{ name: `container-${index}-request-${place}`, exactly }]
    })
}
