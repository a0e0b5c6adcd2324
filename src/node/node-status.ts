import type { Node, NodeCondition } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { Machines } from './machine.ts'
import { conditionOf, withCondition } from './node-conditions.ts'

const READY: NodeCondition = { type: 'Ready', status: 'True', reason: 'KubeletReady' }

/** What a kubelet that has just started says of the resources that it may run short of. */
const NO_PRESSURE: readonly NodeCondition[] = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
]

/**
 * Posts the node's status as its kubelet comes back, at once: Ready, and without any pressure.
 *
 * Source: kubelet v1.37, `fastNodeStatusUpdate`: the first status after a start does not wait for the 10 s
 * interval.
 */
export function startNodeStatus(api: ApiServer, machines: Machines): void {
  machines.watch('node-status', ({ row }) => {
    const node = api.nodeRows.nodeOf(row)
    if (node === undefined || !machines.isUp(row)) return
    const started = statusAfterStart(node)
    if (started !== node) api.nodes.update(started)
  })
}

/** Pressure conditions that the node does not have are not added: nothing here reads them. */
function statusAfterStart(node: Node): Node {
  let started = withCondition(node, READY)
  for (const condition of NO_PRESSURE) {
    if (conditionOf(node, condition.type) !== undefined) started = withCondition(started, condition)
  }
  return started
}
