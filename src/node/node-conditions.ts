import type { Node, NodeCondition, Taint } from '../api/types.generated.ts'

/** The node's condition of this type. */
export function conditionOf(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type)
}

/** Whether the condition Ready of a node is True. */
export function isNodeReady(node: Node): boolean {
  return conditionOf(node, 'Ready')?.status === 'True'
}

/** The node with a condition set; the same object when it is so already. */
export function withCondition(node: Node, condition: NodeCondition): Node {
  const conditions = node.status?.conditions ?? []
  const old = conditions.find((other) => other.type === condition.type)
  if (old?.status === condition.status && old.reason === condition.reason) return node
  const others = conditions.filter((other) => other.type !== condition.type)
  return { ...node, status: { ...node.status, conditions: [...others, condition] } }
}

/** The node with a taint; the same object when it has it already. */
export function withTaint(node: Node, taint: Taint): Node {
  const taints = node.spec?.taints ?? []
  if (taints.some((other) => other.key === taint.key && other.effect === taint.effect)) return node
  return { ...node, spec: { ...node.spec, taints: [...taints, taint] } }
}

/** The node without any taint of this key and, where given, effect; the same object when it has none. */
export function withoutTaint(node: Node, key: string, effect?: string): Node {
  const taints = node.spec?.taints ?? []
  const left = taints.filter(
    (taint) => taint.key !== key || (effect !== undefined && taint.effect !== effect),
  )
  return left.length === taints.length ? node : { ...node, spec: { ...node.spec, taints: left } }
}
