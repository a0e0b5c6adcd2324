import { quantityMilli, quantityValue } from '../../api/quantity.ts'
import type { Node } from '../../api/types.generated.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'

/** Millicores, bytes and pods. */
export interface Amounts {
  readonly cpu: number
  readonly memory: number
  readonly pods: number
}

export const NOTHING: Amounts = { cpu: 0, memory: 0, pods: 0 }

const known = new WeakMap<Node, Amounts>()

/** What a node has to give to pods. */
export function allocatableOf(node: Node): Amounts {
  let amounts = known.get(node)
  if (amounts === undefined) {
    const { cpu = '0', memory = '0', pods = '0' } = node.status?.allocatable ?? {}
    amounts = {
      cpu: quantityMilli(String(cpu)),
      memory: quantityValue(String(memory)),
      pods: quantityValue(String(pods)),
    }
    known.set(node, amounts)
  }
  return amounts
}

/** What a pod takes of its node. */
export function amountsOf(api: ApiServer, row: PodRow): Amounts {
  const { table } = api.pods
  return { cpu: table.cpu(row), memory: table.memory(row), pods: 1 }
}

/** `one + sign × other`. */
export function added(one: Amounts, other: Amounts, sign: 1 | -1 = 1): Amounts {
  return {
    cpu: one.cpu + sign * other.cpu,
    memory: one.memory + sign * other.memory,
    pods: one.pods + sign * other.pods,
  }
}

/** What the pods that are bound and have not finished take of each node, added up from the store. */
export function sumsByNode(api: ApiServer): ReadonlyMap<NodeRow, Amounts> {
  const sums = new Map<NodeRow, Amounts>()
  for (const row of api.pods.table.stored()) {
    if (!api.pods.isActive(row)) continue
    const node = api.pods.table.node(row)
    sums.set(node, added(sums.get(node) ?? NOTHING, amountsOf(api, row)))
  }
  return sums
}

/** What of a node is more than it has; empty when nothing is. */
export function overfullText(node: Node | undefined, sum: Amounts): string {
  if (node === undefined) return ''
  const allocatable = allocatableOf(node)
  const over = (['cpu', 'memory', 'pods'] as const).filter(
    (resource) => sum[resource] > allocatable[resource],
  )
  return over.map((resource) => `${resource} ${sum[resource]} of ${allocatable[resource]}`).join(', ')
}
