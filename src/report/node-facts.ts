import { nodeAmounts } from '../api/node-amounts.ts'
import type { AmountsByResource } from '../api/node-amounts.ts'
import { pricePerHour } from '../api/node-price.ts'
import type { Node, NodeCondition } from '../api/types.generated.ts'
import { GPU_MODEL_LABEL } from '../api/gpu-request.ts'
import type { NodeCapacity } from './sources.ts'

const WHOLE_GPU_MILLI = 1000
/** What nodes offer by what their objects say: equal nodes that share that share this. */
const capacities = new WeakMap<AmountsByResource, NodeCapacity>()

/** What the report wants to know of a Node object. */
export interface NodeFacts {
  readonly capacity: NodeCapacity
  /** Whether the Ready condition is True; a node without that condition counts as ready. */
  readonly isReady: boolean
  /** Model of its GPUs; empty when the label is not there. */
  readonly model: string
  /** What it costs an hour; undefined where nobody said. */
  readonly price: number | undefined
}

/** One change of a condition's status; empty text for a condition that was not or is not there. */
interface ConditionChange {
  readonly type: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly message: string
}

/** Reads a Node object: allocatable amounts, readiness, GPU model. */
export function nodeFacts(node: Node): NodeFacts {
  const ready = conditionsOf(node).find((condition) => condition.type === 'Ready')
  return {
    capacity: capacityOf(node),
    isReady: ready === undefined || ready.status === 'True',
    model: node.metadata?.labels?.[GPU_MODEL_LABEL] ?? '',
    price: pricePerHour(node),
  }
}

/** The conditions whose status differs, in the order of the newer object, then those that are gone. */
export function conditionChanges(old: Node | undefined, node: Node): readonly ConditionChange[] {
  if (old?.status?.conditions === node.status?.conditions) return []
  const before = new Map(conditionsOf(old).map((condition) => [condition.type, condition.status]))
  const changed = conditionsOf(node)
    .filter((condition) => before.get(condition.type) !== condition.status)
    .map(({ type, status, reason = '', message = '' }) => {
      return { type, from: before.get(type) ?? '', to: status, reason, message }
    })
  const types = new Set(conditionsOf(node).map((condition) => condition.type))
  const gone = [...before].filter(([type]) => !types.has(type))
  return [...changed, ...gone.map(([type, from]) => ({ type, from, to: '', reason: '', message: '' }))]
}

function conditionsOf(node: Node | undefined): readonly NodeCondition[] {
  return node?.status?.conditions ?? []
}

function capacityOf(node: Node): NodeCapacity {
  const allocatable = nodeAmounts(node.status?.allocatable)
  const known = capacities.get(allocatable)
  if (known !== undefined) return known
  const shared = allocatable.get('stowage.dev/gpu-milli') ?? 0
  const capacity = {
    cpu: allocatable.get('cpu') ?? 0,
    memory: allocatable.get('memory') ?? 0,
    pods: allocatable.get('pods') ?? 0,
    gpuMilli: shared > 0 ? shared : WHOLE_GPU_MILLI * (allocatable.get('nvidia.com/gpu') ?? 0),
  }
  capacities.set(allocatable, capacity)
  return capacity
}
