import { resourceList } from './resource-list.ts'
import { aggregateRequests, isPodLevelResource } from './resources.ts'
import { formatQuantity } from './quantity.ts'
import type {
  Container,
  ContainerPort,
  Pod,
  PodSpec,
  Quantity,
  ResourceRequirements,
} from './types.generated.ts'

type Amounts = Readonly<Record<string, Quantity>>

/**
 * The defaulting of a pod that scheduling and the kubelet depend on; changes nothing on a pod that has it already.
 *
 * Requests from limits, pod-level requests from containers or limits, protocols, host ports of host-network pods,
 * scheduler name, restart policy, grace period. Source: Kubernetes v1.37, apis/core/v1/defaults.go.
 */
export function defaultPod(pod: Pod): Pod {
  const spec = pod.spec ?? { containers: [] }
  return { ...pod, spec: defaultPodSpec(spec) }
}

/** As `defaultPod`, for the spec of a pod or a template. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  const hostNetwork = spec.hostNetwork === true
  const containers = spec.containers.map((container) => defaultContainer(container, hostNetwork))
  const initContainers = spec.initContainers?.map((container) => defaultContainer(container, hostNetwork))
  const defaulted: PodSpec = {
    ...spec,
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    schedulerName: spec.schedulerName ?? 'default-scheduler',
    restartPolicy: spec.restartPolicy ?? 'Always',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
  }
  const { resources } = spec
  if (resources?.requests === undefined && resources?.limits === undefined) return defaulted
  return { ...defaulted, resources: defaultPodResources(defaulted, resources) }
}

function defaultContainer(container: Container, hostNetwork: boolean): Container {
  const ports = container.ports?.map((port) => defaultPort(port, hostNetwork))
  const { resources } = container
  const requests = withAbsent(resources?.requests, resources?.limits)
  return {
    ...container,
    ...(ports === undefined ? {} : { ports }),
    ...(requests === undefined ? {} : { resources: { ...resources, requests } }),
  }
}

function defaultPort(port: ContainerPort, hostNetwork: boolean): ContainerPort {
  const given = port.hostPort === 0 ? undefined : port.hostPort
  const hostPort = given ?? (hostNetwork ? port.containerPort : port.hostPort)
  return { ...port, protocol: port.protocol ?? 'TCP', ...(hostPort === undefined ? {} : { hostPort }) }
}

/** Absent pod-level requests: the containers' sum for cpu and memory, else the pod-level limit. */
function defaultPodResources(spec: PodSpec, resources: ResourceRequirements): ResourceRequirements {
  const pod: Pod = { spec }
  const sums = aggregateRequests(pod, { skipPodLevel: true, excludeOverhead: true })
  const requests: Record<string, Quantity> = { ...resources.requests }
  const limits: Record<string, Quantity> = { ...resources.limits }
  for (const [resource, amount] of sums) {
    const isDefaulted = resource === 'cpu' || resource === 'memory'
    if (isDefaulted && requests[resource] === undefined) requests[resource] = formatQuantity(amount)
  }
  for (const [resource, amount] of containerLimits(spec)) {
    const isHugePages = resource.startsWith('hugepages-')
    if (isHugePages && limits[resource] === undefined && requests[resource] === undefined)
      limits[resource] = amount
  }
  for (const [resource, amount] of Object.entries(limits)) {
    if (isPodLevelResource(resource) && requests[resource] === undefined) requests[resource] = amount
  }
  return { ...resources, requests, ...(Object.keys(limits).length === 0 ? {} : { limits }) }
}

function containerLimits(spec: PodSpec): [string, string][] {
  const asRequests: PodSpec = {
    ...spec,
    containers: spec.containers.map(limitsAsRequests),
    initContainers: (spec.initContainers ?? []).map(limitsAsRequests),
  }
  const sums = aggregateRequests({ spec: asRequests }, { skipPodLevel: true, excludeOverhead: true })
  return [...sums].map(([resource, amount]) => [resource, formatQuantity(amount)])
}

function limitsAsRequests(container: Container): Container {
  const limits = container.resources?.limits
  return { ...container, resources: limits === undefined ? {} : { requests: limits } }
}

/** The amounts with those of `others` that are absent; undefined when there are none at all. */
function withAbsent(amounts: Amounts | undefined, others: Amounts | undefined): Amounts | undefined {
  if (amounts === undefined && others === undefined) return undefined
  const absent = [...resourceList(others).keys()].filter((resource) => amounts?.[resource] === undefined)
  if (absent.length === 0) return amounts
  return { ...amounts, ...Object.fromEntries(absent.map((resource) => [resource, others?.[resource] ?? 0])) }
}
