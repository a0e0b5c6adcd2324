import { milliText } from '../api/quantity.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { NodeIndex } from '../scheduler/framework/node-columns.ts'

/** An amount of what pods ask for. */
export interface Amounts {
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly pods: number
}

/** Whether what is lost would fit into what is free elsewhere, if pods could be cut: if not, nothing helps but more nodes. */
export interface RoomBound {
  /** What the lost replicas ask for. */
  readonly asked: Amounts
  /** What is free on the nodes left that take pods. */
  readonly free: Amounts
  /** `2 cpu, 4Gi memory`, what is missing of it; empty when it is enough. */
  readonly short: string
}

const MI = 2 ** 20
const GI = 2 ** 30

/** Compares the requests of pods with what is free on the nodes that are left. */
export function roomBound(
  { cluster }: Scheduler,
  pods: readonly PodRow[],
  lost: ReadonlySet<NodeRow>,
): RoomBound {
  const { nodes } = cluster
  const left = nodes.order.filter((node) => !lost.has(node as NodeRow) && !nodes.unschedulable(node))
  const sum = (of: (node: NodeIndex) => number): number =>
    left.reduce((total, node) => total + Math.max(0, of(node)), 0)
  const free = {
    cpu: sum((node) => nodes.allocatableCpu(node) - nodes.requestedCpu(node)),
    memory: sum((node) => nodes.allocatableMemory(node) - nodes.requestedMemory(node)),
    pods: sum((node) => nodes.allocatablePods(node) - nodes.podCount(node)),
  }
  const asked = {
    cpu: pods.reduce((total, pod) => total + nodes.countedCpu(pod), 0),
    memory: pods.reduce((total, pod) => total + nodes.countedMemory(pod), 0),
    pods: pods.length,
  }
  return { asked, free, short: shortOf(asked, free) }
}

/** `2 cpu, 4.5Gi memory`: memory to a tenth of a Gi, or to a Mi where it is less than one. */
export function amountsText({ cpu, memory }: Pick<Amounts, 'cpu' | 'memory'>): string {
  return `${milliText(cpu)} cpu, ${memoryText(memory)} memory`
}

function memoryText(bytes: number): string {
  if (bytes >= GI) return `${Math.round((10 * bytes) / GI) / 10}Gi`
  return bytes === 0 ? '0' : `${Math.ceil(bytes / MI)}Mi`
}

function shortOf(asked: Amounts, free: Amounts): string {
  const missing = {
    cpu: asked.cpu - free.cpu,
    memory: asked.memory - free.memory,
    pods: asked.pods - free.pods,
  }
  return [
    ...(missing.cpu > 0 ? [`${milliText(missing.cpu)} cpu`] : []),
    ...(missing.memory > 0 ? [`${memoryText(missing.memory)} memory`] : []),
    ...(missing.pods > 0 ? [`${missing.pods} places for pods`] : []),
  ].join(', ')
}
