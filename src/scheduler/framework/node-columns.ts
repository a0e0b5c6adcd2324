import type { Node, Taint } from '../../api/types.generated.ts'
import type { PodIdentity } from './pod-identity.ts'
import type { PodShape } from './pod-shape.ts'

/** A node in the scheduler's view: the number that every column is read by. */
export type NodeIndex = number

/** A pod on a node, as the scheduler's view holds it. */
export interface PlacedPod extends PodIdentity {
  readonly shape: PodShape
  readonly priority: number
  /** Start of the pod for preemption's choice of the latest, in microseconds of the run; undefined when not started. */
  readonly startedAt: number | undefined
  /** Whether its deletion was asked for. */
  readonly isTerminating: boolean
  /** Whether it is ending because a pod of higher priority takes its place; it still takes its resources. */
  readonly endingForPreemption: boolean
}

/** What a node says of a container image it holds. */
export interface NodeImage {
  readonly sizeBytes: number
}

/** A port of the host that a pod takes. */
export interface HostPort {
  readonly protocol: string
  readonly hostIP: string
  readonly hostPort: number
}

/** What a node uses of a resource, as it was measured. */
export interface MeasuredUse {
  /** At the newest sample: what a metrics server says; undefined when the node has not been heard of for a minute. */
  readonly latest: number | undefined
  /** Mean of the samples of the window: what a time series database says. */
  readonly mean: number
  /** Their standard deviation, of the population. */
  readonly deviation: number
  /** What the machine has, as it was measured. */
  readonly capacity: number
}

/** What was last measured of a node: cpu in millicores, memory in bytes. */
export interface NodeLoad {
  readonly cpu: MeasuredUse
  readonly memory: MeasuredUse
}

/** Columns that follow from the Node object alone. */
export interface StaticNodeColumns {
  name(node: NodeIndex): string
  labels(node: NodeIndex): Readonly<Record<string, string>>
  annotations(node: NodeIndex): Readonly<Record<string, string>>
  taints(node: NodeIndex): readonly Taint[]
  /** `spec.unschedulable`. */
  unschedulable(node: NodeIndex): boolean
  /** Allocatable cpu in millicores. */
  allocatableCpu(node: NodeIndex): number
  /** Allocatable memory in bytes. */
  allocatableMemory(node: NodeIndex): number
  /** Allocatable ephemeral storage in bytes. */
  allocatableEphemeralStorage(node: NodeIndex): number
  /** Number of pods that the node takes. */
  allocatablePods(node: NodeIndex): number
  /** Allocatable amount of an extended resource or huge pages, in units. */
  allocatableScalar(node: NodeIndex, resource: string): number
  /** Image by name, in each form that the node reports. */
  image(node: NodeIndex, name: string): NodeImage | undefined
  /** The whole Node object: stale at any change of it. */
  object(node: NodeIndex): Node
}

/** Columns that follow from the pods on the node, bound or assumed. */
export interface PodNodeColumns {
  /** Sum of cpu requests in millicores. */
  requestedCpu(node: NodeIndex): number
  /** Sum of memory requests in bytes. */
  requestedMemory(node: NodeIndex): number
  requestedEphemeralStorage(node: NodeIndex): number
  requestedScalar(node: NodeIndex, resource: string): number
  /** Sum of cpu requests with 100 millicores for each container that asks for none. */
  nonZeroCpu(node: NodeIndex): number
  /** Sum of memory requests with 200 MiB for each container that asks for none. */
  nonZeroMemory(node: NodeIndex): number
  podCount(node: NodeIndex): number
  /** Ports of the host that are taken. */
  hostPorts(node: NodeIndex): readonly HostPort[]
  pods(node: NodeIndex): readonly PlacedPod[]
  /** Number of devices of the node's GPU model; 0 without one. */
  deviceCount(node: NodeIndex): number
  /** Thousandths of device `device` that are free: 0 to 1000. */
  deviceFree(node: NodeIndex, device: number): number
}

/** Columns that follow from the newest measurement; the run measures only where a plugin reads one of them. */
export interface MeasuredNodeColumns {
  /** What was measured of the node; undefined before the first measurement that it is in. */
  measuredLoad(node: NodeIndex): NodeLoad | undefined
  /** Pods, bound or assumed, that are not in the measurement yet: they came less than a minute before it, or later. */
  unmeasuredPods(node: NodeIndex): readonly PlacedPod[]
}

/** Everything a plugin may read of a node, each by a method that takes the node's number. */
export interface NodeColumns extends StaticNodeColumns, PodNodeColumns, MeasuredNodeColumns {}

export type NodeColumn = keyof NodeColumns

const STATIC_COLUMN_NAMES: Readonly<Record<keyof StaticNodeColumns, true>> = {
  name: true,
  labels: true,
  annotations: true,
  taints: true,
  unschedulable: true,
  allocatableCpu: true,
  allocatableMemory: true,
  allocatableEphemeralStorage: true,
  allocatablePods: true,
  allocatableScalar: true,
  image: true,
  object: true,
}

const POD_COLUMN_NAMES: Readonly<Record<keyof PodNodeColumns, true>> = {
  requestedCpu: true,
  requestedMemory: true,
  requestedEphemeralStorage: true,
  requestedScalar: true,
  nonZeroCpu: true,
  nonZeroMemory: true,
  podCount: true,
  hostPorts: true,
  pods: true,
  deviceCount: true,
  deviceFree: true,
}

const MEASURED_COLUMN_NAMES: Readonly<Record<keyof MeasuredNodeColumns, true>> = {
  measuredLoad: true,
  unmeasuredPods: true,
}

/** Names of all columns, static ones first. */
export const NODE_COLUMN_NAMES: readonly NodeColumn[] = [
  ...(Object.keys(STATIC_COLUMN_NAMES) as (keyof StaticNodeColumns)[]),
  ...(Object.keys(POD_COLUMN_NAMES) as (keyof PodNodeColumns)[]),
  ...(Object.keys(MEASURED_COLUMN_NAMES) as (keyof MeasuredNodeColumns)[]),
]

/** Whether a column changes when nodes are measured. */
export function isMeasuredColumn(column: NodeColumn): boolean {
  return column in MEASURED_COLUMN_NAMES
}

/** Whether a column changes only when the Node object does. */
export function isStaticColumn(column: NodeColumn): boolean {
  return column in STATIC_COLUMN_NAMES
}
