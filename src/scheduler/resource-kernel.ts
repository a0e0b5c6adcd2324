import type { FitKernel, ScoreKernel } from './framework/kernel.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { balanceOf } from './kernel-rows.ts'
import type { NodeView } from './node-view.ts'

/** A column pair of an extended resource with the amount that the pod asks for. */
export interface OtherColumn {
  readonly amount: number
  readonly allocatable: Float64Array
  readonly requested: Float64Array
}

/** Asks for cpu, memory and places only. */
export const NO_OTHERS: readonly OtherColumn[] = Object.freeze([])

/** Columns for the others of a fit kernel, looked up once a search; a resource that no node has fits nowhere. */
export function otherColumns(kernel: FitKernel, nodes: NodeView): readonly OtherColumn[] | undefined {
  if (kernel.others.length === 0) return NO_OTHERS
  const columns: OtherColumn[] = []
  for (const { resource, amount } of kernel.others) {
    if (resource === 'ephemeral-storage') {
      columns.push({ amount, allocatable: nodes.ephemeralAllocatable, requested: nodes.ephemeralRequested })
      continue
    }
    const column = nodes.scalars.get(resource)
    if (column === undefined) return undefined
    columns.push({ amount, allocatable: column.allocatable, requested: column.requested })
  }
  return columns
}

/** Whether the node has room: what NodeResourcesFit's filter says, over raw columns. */
export function fits(
  kernel: FitKernel,
  others: readonly OtherColumn[],
  node: NodeIndex,
  nodes: NodeView,
): boolean {
  if (nodes.podCount(node) + 1 > nodes.allocatablePods(node)) return false
  const { cpu, memory } = kernel
  if (cpu > 0 && cpu > freeCpu(nodes, node)) return false
  if (memory > 0 && memory > freeMemory(nodes, node)) return false
  for (const { amount, allocatable, requested } of others) {
    if (amount > (allocatable[node] as number) - (requested[node] as number)) return false
  }
  return true
}

/** Millicores of a node that no pod on it asks for; below 0 when they ask for more than there are. */
export function freeCpu(nodes: NodeView, node: NodeIndex): number {
  return nodes.allocatableCpu(node) - nodes.requestedCpu(node)
}

/** Bytes, likewise. */
export function freeMemory(nodes: NodeView, node: NodeIndex): number {
  return nodes.allocatableMemory(node) - nodes.requestedMemory(node)
}

/** What a node has to have free for an amount to fit: anything does for nothing, however full the node is. */
export function askedRoom(amount = 0): number {
  return amount > 0 ? amount : -Infinity
}

/** What the score plugin that the kernel stands for says of the node, over raw columns. */
export function scoreOf(kernel: ScoreKernel, node: NodeIndex, nodes: NodeView): number {
  const cpu = nodes.allocatableCpu(node)
  const memory = nodes.allocatableMemory(node)
  if (kernel.kind === 'balanced') {
    if (cpu === 0 || memory === 0) return 75
    const usedCpu = nodes.requestedCpu(node)
    const usedMemory = nodes.requestedMemory(node)
    const after = balanceOf(usedCpu + kernel.cpu, cpu, usedMemory + kernel.memory, memory)
    return 50 + Math.trunc((50 + after - balanceOf(usedCpu, cpu, usedMemory, memory)) / 2)
  }
  const askedCpu = nodes.nonZeroCpu(node) + kernel.cpu
  const askedMemory = nodes.nonZeroMemory(node) + kernel.memory
  if (cpu === 0) return memory === 0 ? 0 : freePercent(askedMemory, memory)
  if (memory === 0) return freePercent(askedCpu, cpu)
  return Math.floor((freePercent(askedCpu, cpu) + freePercent(askedMemory, memory)) / 2)
}

function freePercent(asked: number, allocatable: number): number {
  return asked > allocatable ? 0 : Math.floor(((allocatable - asked) * 100) / allocatable)
}
