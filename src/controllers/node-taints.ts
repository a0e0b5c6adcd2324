import type { Node, NodeCondition, Taint } from '../api/types.generated.ts'
import { conditionOf, withCondition, withTaint, withoutTaint } from '../node/node-conditions.ts'

const UNREACHABLE = 'node.kubernetes.io/unreachable'
const NOT_READY = 'node.kubernetes.io/not-ready'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Conditions with the status that means a NoSchedule taint (`nodeConditionToTaintKeyStatusMap`). */
const CONDITION_TAINTS = [
  ['Ready', 'Unknown', UNREACHABLE],
  ['Ready', 'False', NOT_READY],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
] as const

/** Conditions that are not known of a node that does not answer; NetworkUnavailable is not the kubelet's. */
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/**
 * The node with the NoSchedule taints that its conditions and `spec.unschedulable` mean, and no others of these keys; the same
 * object when it has them already.
 *
 * Source: kube-controller-manager v1.37, nodelifecycle `doNoScheduleTaintingPass`.
 */
export function withConditionTaints(node: Node): Node {
  const conditions = node.status?.conditions ?? []
  const isMeant = (type: string, status: string): boolean =>
    conditions.some((condition) => condition.type === type && condition.status === status)
  const meant = CONDITION_TAINTS.filter(([type, status]) => isMeant(type, status)).map(([, , key]) => key)
  const isCordoned = node.spec?.unschedulable === true
  if (meant.length === 0 && !isCordoned && (node.spec?.taints ?? []).length === 0) return node
  let changed = node
  for (const [, , key] of CONDITION_TAINTS) {
    changed = meant.includes(key)
      ? withTaint(changed, { key, effect: 'NoSchedule' })
      : withoutTaint(changed, key, 'NoSchedule')
  }
  return isCordoned
    ? withTaint(changed, { key: UNSCHEDULABLE, effect: 'NoSchedule' })
    : withoutTaint(changed, UNSCHEDULABLE, 'NoSchedule')
}

/** The two states of a node for which its pods are evicted. */
export type LostStatus = 'Unknown' | 'False'

const EVICTING_KEYS: Readonly<Record<LostStatus, string>> = { Unknown: UNREACHABLE, False: NOT_READY }

/** Whether the node has the NoExecute taint of a state, or, without one, that of either. */
export function hasEvictingTaint(node: Node, status?: LostStatus): boolean {
  const keys = status === undefined ? [UNREACHABLE, NOT_READY] : [EVICTING_KEYS[status]]
  return (node.spec?.taints ?? []).some(({ key, effect }) => effect === 'NoExecute' && keys.includes(key))
}

/**
 * The node with the NoExecute taint of its state, and without that of the other: the two exclude each other.
 *
 * @param timeAdded when that is, as the API writes it
 */
export function withEvictingTaint(node: Node, status: LostStatus, timeAdded: string): Node {
  const other = status === 'Unknown' ? NOT_READY : UNREACHABLE
  const taint: Taint = { key: EVICTING_KEYS[status], effect: 'NoExecute', timeAdded }
  return withTaint(withoutTaint(node, other, 'NoExecute'), taint)
}

/** The node without NoExecute taint of either state; the same object when it has none. */
export function withoutEvictingTaints(node: Node): Node {
  return withoutTaint(withoutTaint(node, UNREACHABLE, 'NoExecute'), NOT_READY, 'NoExecute')
}

/**
 * The node with the conditions of one that no longer answers: Ready Unknown, and all others that its kubelet has posted.
 *
 * Source: nodelifecycle `tryUpdateNodeHealth`. Departs from it in that it adds no condition but Ready.
 */
export function withUnknownConditions(node: Node): Node {
  let unknown = node
  for (const type of KUBELET_CONDITIONS) {
    const posted = conditionOf(node, type)
    if (posted === undefined && type !== 'Ready') continue
    const reason = posted === undefined ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown'
    const condition: NodeCondition = { type, status: 'Unknown', reason }
    if (posted?.status !== 'Unknown') unknown = withCondition(unknown, condition)
  }
  return unknown
}
