import {
  formatQuantity,
  parseQuantity,
  quantityMilliExact,
  quantityValueExact,
  subtractQuantities,
} from './quantity.ts'
import type { ParsedQuantity } from './quantity.ts'
import { addToList, raiseList, resourceList } from './resource-list.ts'
import type { ResourceList } from './resource-list.ts'
import type { Container, ContainerStatus, Pod, Quantity } from './types.generated.ts'

/** What a pod asks for, in the numbers that the scheduler counts in. */
export interface ResourceRequests {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Bytes. */
  readonly ephemeralStorage: number
  /** Extended resources and huge pages, in units, by name. */
  readonly scalars: ReadonlyMap<string, number>
}

/** What counts when the containers of a pod are added up. */
export interface AggregationOptions {
  /** The larger of what the spec asks for and what the kubelet says is allocated, for pods being resized. */
  readonly useStatus?: boolean
  readonly excludeOverhead?: boolean
  /** Leaves `spec.resources` out. */
  readonly skipPodLevel?: boolean
  /** Requests of containers that have none, by resource. */
  readonly nonMissing?: ResourceList
}

/** Requests that scoring takes for containers without any (kube-scheduler v1.37, scheduler/util `pod_resources.go`). */
const NON_MISSING = resourceList({ cpu: '100m', memory: '200Mi' })

const NO_AMOUNTS: ResourceList = new Map()
const NO_SCALARS: ReadonlyMap<string, number> = new Map()

/** No requests at all. */
export const NO_REQUESTS: ResourceRequests = { cpu: 0, memory: 0, ephemeralStorage: 0, scalars: NO_SCALARS }

/** The effective requests of a pod, as the scheduler counts them on nodes. */
export function podRequests(pod: Pod): ResourceRequests {
  return countedRequests(aggregateRequests(pod, { useStatus: true }))
}

/** Cpu in millicores and memory in bytes with 100m and 200 MiB for each container that asks for none. */
export interface NonZeroRequests {
  readonly cpu: number
  readonly memory: number
}

/**
 * What a pod counts for on its node when nodes are scored.
 *
 * With pod-level requests the defaults count for resources that the pod asks nothing of at all.
 * Source: kube-scheduler v1.37, framework `NodeInfo.NonZeroRequested`.
 */
export function nonZeroRequests(pod: Pod): NonZeroRequests {
  const nonMissing = new Map(NON_MISSING)
  const podLevel = Object.keys(pod.spec?.resources?.requests ?? {})
  if (podLevel.some(isPodLevelResource)) {
    for (const resource of aggregateRequests(pod, { useStatus: true }).keys()) nonMissing.delete(resource)
  }
  const { cpu, memory } = countedRequests(aggregateRequests(pod, { useStatus: true, nonMissing }))
  return { cpu, memory }
}

/**
 * What a pod asks for when nodes are scored for it.
 *
 * Source: kube-scheduler v1.37, plugins/noderesources `calculatePodResourceRequest`: pod-level requests do not count
 * beside the defaults for containers.
 */
export function scoredRequests(pod: Pod): NonZeroRequests {
  const options = { useStatus: true, nonMissing: NON_MISSING, skipPodLevel: true }
  const { cpu, memory } = countedRequests(aggregateRequests(pod, options))
  return { cpu, memory }
}

/**
 * Adds up what a pod asks for: the larger of its containers with its sidecars, and of each init container with the
 * sidecars before it; pod-level requests in place of that where they are set; overhead on top.
 *
 * Source: Kubernetes v1.37, component-helpers/resource `PodRequests`.
 */
export function aggregateRequests(pod: Pod, options: AggregationOptions): ResourceList {
  const total = aggregateContainers(pod, 'requests', options)
  if (options.skipPodLevel !== true) {
    for (const [resource, amount] of podLevelRequests(pod, options)) {
      if (isPodLevelResource(resource)) total.set(resource, amount)
    }
  }
  if (options.excludeOverhead !== true) addToList(total, resourceList(pod.spec?.overhead))
  return total
}

/**
 * The requests of `spec.resources`; with `useStatus` the largest of them, of what was allocated and of what is in force,
 * which both come with the overhead. An infeasible resize leaves the spec out.
 *
 * Source: Kubernetes v1.37 (feature gate InPlacePodLevelResourcesVerticalScaling, on since 1.36), `PodRequests`.
 */
function podLevelRequests(pod: Pod, { useStatus }: AggregationOptions): ResourceList {
  const asked = resourceList(pod.spec?.resources?.requests)
  const { resources, allocatedResources } = pod.status ?? {}
  if (![...asked.keys()].some(isPodLevelResource)) return NO_AMOUNTS
  if (useStatus !== true || (resources === undefined && allocatedResources === undefined)) return asked
  const largest = new Map(isResizeInfeasible(pod) ? [] : asked)
  for (const amounts of [resources?.requests, allocatedResources]) {
    raiseList(largest, withoutOverhead(resourceList(amounts), resourceList(pod.spec?.overhead)))
  }
  return largest
}

function withoutOverhead(amounts: ResourceList, overhead: ResourceList): ResourceList {
  return new Map(
    [...amounts].map(([resource, amount]) => {
      const less = overhead.get(resource)
      if (less === undefined) return [resource, amount]
      const left = subtractQuantities(amount, less)
      return [resource, left.nano < 0n ? NOTHING : left]
    }),
  )
}

/**
 * Adds up what a pod may use at most; resources that a container sets no limit for count as 0 there. Overhead counts
 * only for resources that have a limit.
 *
 * Source: Kubernetes v1.37, component-helpers/resource `PodLimits`.
 */
export function aggregateLimits(pod: Pod, options: AggregationOptions): ResourceList {
  const total = aggregateContainers(pod, 'limits', options)
  if (options.skipPodLevel !== true) {
    const podLevel = resourceList(pod.spec?.resources?.limits)
    for (const [resource, amount] of podLevel) if (isPodLevelResource(resource)) total.set(resource, amount)
  }
  if (options.excludeOverhead !== true) {
    for (const [resource, amount] of resourceList(pod.spec?.overhead)) {
      const present = total.get(resource)
      if (present !== undefined && present.nano !== 0n) addToList(total, new Map([[resource, amount]]))
    }
  }
  return total
}

/** Whether `spec.resources` may set this resource: cpu, memory, huge pages. */
export function isPodLevelResource(resource: string): boolean {
  return resource === 'cpu' || resource === 'memory' || resource.startsWith('hugepages-')
}

/** Canonical texts of a list, for printing. */
export function listTexts(list: ResourceList): Record<string, string> {
  return Object.fromEntries([...list].map(([resource, amount]) => [resource, formatQuantity(amount)]))
}

function countedRequests(list: ResourceList): ResourceRequests {
  let scalars: Map<string, number> | undefined
  for (const [resource, amount] of list) {
    if (resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage') continue
    scalars ??= new Map()
    scalars.set(resource, Number(quantityValueExact(amount)))
  }
  return {
    cpu: Number(quantityMilliExact(amountOf(list, 'cpu'))),
    memory: Number(quantityValueExact(amountOf(list, 'memory'))),
    ephemeralStorage: Number(quantityValueExact(amountOf(list, 'ephemeral-storage'))),
    scalars: scalars ?? NO_SCALARS,
  }
}

const NOTHING: ParsedQuantity = parseQuantity(0) ?? { nano: 0n, format: 'DecimalSI' }

function amountOf(list: ResourceList, resource: string): ParsedQuantity {
  return list.get(resource) ?? NOTHING
}

type Part = 'requests' | 'limits'

/**
 * What the containers ask for; with `useStatus` the largest, resource by resource, of the pod's sums of what the spec
 * asks for, of what was allocated, and of what the kubelet says is in force. A container without a status value counts
 * with its spec. When a resize is infeasible no spec counts.
 */
function aggregateContainers(pod: Pod, part: Part, options: AggregationOptions): Map<string, ParsedQuantity> {
  const askedOf = (container: Container): ResourceList => resourceList(container.resources?.[part])
  if (options.useStatus !== true) return aggregate(pod, part, options, askedOf)
  const isInfeasible = isResizeInfeasible(pod)
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  const statuses = new Map(
    [...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status]),
  )
  const ofPod = podStatusAmounts(pod, part)
  const total = isInfeasible ? new Map<string, ParsedQuantity>() : aggregate(pod, part, options, askedOf)
  if (statuses.size === 0 && ofPod === undefined && !isInfeasible) return total
  if (ofPod !== undefined) {
    for (const amounts of ofPod) raiseList(total, resourceList(amounts))
    return total
  }
  for (const view of part === 'requests' ? REQUEST_VIEWS : LIMIT_VIEWS) {
    const sum = aggregate(pod, part, options, (container) => {
      const status = statuses.get(container.name)
      const amounts = status === undefined ? undefined : view(status)
      if (amounts !== undefined) return resourceList(amounts)
      return isInfeasible ? NO_AMOUNTS : askedOf(container)
    })
    raiseList(total, sum)
  }
  return total
}

type Amounts = Readonly<Record<string, Quantity>>
type StatusView = (status: ContainerStatus) => Amounts | undefined

const REQUEST_VIEWS: readonly StatusView[] = [
  (status) => status.resources?.requests ?? status.allocatedResources,
  (status) => status.allocatedResources,
]
const LIMIT_VIEWS: readonly StatusView[] = [(status) => status.resources?.limits]

/** The sums over all containers as the pod's own status has them; undefined where it does not have all of them. */
function podStatusAmounts(pod: Pod, part: Part): readonly Amounts[] | undefined {
  const { resources, allocatedResources } = pod.status ?? {}
  if (part === 'limits') return resources?.limits === undefined ? undefined : [resources.limits]
  if (resources?.requests === undefined || allocatedResources === undefined) return undefined
  return [resources.requests, allocatedResources]
}

function aggregate(
  pod: Pod,
  part: Part,
  options: AggregationOptions,
  amountsOf: (container: Container) => ResourceList,
): Map<string, ParsedQuantity> {
  const total = new Map<string, ParsedQuantity>()
  const sidecars = new Map<string, ParsedQuantity>()
  const initial = new Map<string, ParsedQuantity>()
  const filled = (amounts: ResourceList): ResourceList => {
    if (part === 'limits' || options.nonMissing === undefined) return amounts
    return new Map([...options.nonMissing, ...amounts])
  }
  for (const container of pod.spec?.containers ?? []) addToList(total, filled(amountsOf(container)))
  for (const container of pod.spec?.initContainers ?? []) {
    const isSidecar = container.restartPolicy === 'Always'
    const amounts = filled(amountsOf(container))
    if (isSidecar) {
      addToList(total, amounts)
      addToList(sidecars, amounts)
      raiseList(initial, sidecars)
    } else {
      const together = new Map(amounts)
      addToList(together, sidecars)
      raiseList(initial, together)
    }
  }
  raiseList(total, initial)
  return total
}

function isResizeInfeasible(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    (condition) => condition.type === 'PodResizePending' && condition.reason === 'Infeasible',
  )
}
