import type { ApiServer } from '../cluster/api-server.ts'
import type { Machines } from './machine.ts'
import { withCondition } from './node-conditions.ts'

/**
 * Posts the node's status as its kubelet comes back: Ready again, at once.
 *
 * Source: kubelet v1.37, `fastNodeStatusUpdate`: the first status after a start does not wait for the 10 s interval.
 */
export function startNodeStatus(api: ApiServer, machines: Machines): void {
  machines.watch('node-status', ({ row, up }) => {
    if (!up) return
    const node = api.nodeRows.nodeOf(row)
    if (node === undefined) return
    const ready = withCondition(node, { type: 'Ready', status: 'True', reason: 'KubeletReady' })
    if (ready !== node) api.nodes.update(ready)
  })
}
