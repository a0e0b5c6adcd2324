import type { Micros } from '../base/time.ts'
import { TimeIntegrals } from './time-integral.ts'

/** Resources that the report adds up: names as in the output columns, in their order there. */
export const RESOURCES = ['cpu', 'memory', 'pods', 'gpu'] as const

/** Amounts of the four resources: millicores, bytes, pods, thousandths of a GPU. */
export interface ResourceAmounts {
  readonly cpu: number
  readonly memory: number
  readonly pods: number
  readonly gpuMilli: number
}

/** Quality of service classes in the order of their channels. */
export const QOS_CLASSES = ['Guaranteed', 'Burstable', 'BestEffort'] as const

/** Allocatable of all nodes; one channel a resource. */
export const ALLOCATABLE = 0
/** Allocatable of Ready nodes; one channel a resource. */
export const READY_ALLOCATABLE = 4
/** Requests of pods that are bound and have not finished; one channel a resource. */
export const REQUESTED = 8
/** Memory in use on all nodes, in bytes. */
export const USED_MEMORY = 12
/** Pods in the store without a node. */
export const PENDING_PODS = 13
/** Pods in phase Running. */
export const RUNNING_PODS = 14
/** Bound pods by class; one channel a class in the order of `QOS_CLASSES`. */
export const PODS_BY_QOS = 15
/** Node objects. */
export const NODES = 18
/** Node objects that are Ready. */
export const NODES_READY = 19
/** Nodes with at least one bound pod. */
export const NODES_IN_USE = 20
/** Prices an hour of all nodes. */
export const NODE_PRICES = 21
const CHANNEL_COUNT = 22

/**
 * Number of the ratio of used to allocatable memory; the ratios 0 to 3 are the requested shares by resource.
 */
export const USED_MEMORY_SHARE = 4

const RATIOS: readonly (readonly [number, number])[] = [
  [REQUESTED, ALLOCATABLE],
  [REQUESTED + 1, ALLOCATABLE + 1],
  [REQUESTED + 2, ALLOCATABLE + 2],
  [REQUESTED + 3, ALLOCATABLE + 3],
  [USED_MEMORY, ALLOCATABLE + 1],
]

/** Makes the sums over the whole cluster, all 0. */
export function clusterSums(warmUp: Micros): TimeIntegrals {
  return new TimeIntegrals(CHANNEL_COUNT, { warmUp, ratios: RATIOS })
}

/** Adds amounts to the four channels from `first` on; `sign` is 1 or -1. */
export function addAmounts(sums: TimeIntegrals, first: number, amounts: ResourceAmounts, sign: number): void {
  sums.add(first, sign * amounts.cpu)
  sums.add(first + 1, sign * amounts.memory)
  sums.add(first + 2, sign * amounts.pods)
  sums.add(first + 3, sign * amounts.gpuMilli)
}

/** Bound pods that do not run yet, at the present instant. */
export function startingPods(sums: TimeIntegrals): number {
  return sums.value(REQUESTED + 2) - sums.value(RUNNING_PODS)
}
