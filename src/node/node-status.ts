import type { Node, NodeCondition } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { NodeRow } from '../cluster/rows.ts'
import { watchKubelets } from './kubelet-modes.ts'
import type { Machines } from './machine.ts'
import { conditionOf, withCondition } from './node-conditions.ts'

/** How often a kubelet looks whether its node's status has changed (kubelet v1.37, `nodeStatusUpdateFrequency`). */
const STATUS_EVERY: Micros = 10 * SECOND

const READY: NodeCondition = { type: 'Ready', status: 'True', reason: 'KubeletReady' }

/** What a kubelet that has just started says of the resources that it may run short of. */
const NO_PRESSURE: readonly NodeCondition[] = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
]

/**
 * Posts the node's status: as its kubelet starts, at once, Ready and without any pressure; as a partition ends, at the next of its
 * looks, Ready, and without the pressures of which others have come to know nothing.
 *
 * Departs from Kubernetes: looks are whole intervals apart, without the jitter of 4 %. Source: kubelet v1.37,
 * kubelet_node_status.go `fastNodeStatusUpdate`: the first status after a start does not wait; `syncNodeStatus`.
 */
export function startNodeStatus(api: ApiServer, machines: Machines): void {
  const { sim } = api
  /** An instant of each node's looks. */
  const phases = new Map<NodeRow, Micros>()
  const phaseOf = (row: NodeRow): Micros => {
    const known = phases.get(row)
    if (known !== undefined) return known
    const drawn = sim.random.stream(`node-status/phase/${api.nodeRows.nameOf(row)}`).integer(STATUS_EVERY)
    phases.set(row, drawn)
    return drawn
  }
  const look = sim.handler('node-status/look', (number) => {
    const row = number as NodeRow
    if (machines.reports(row)) post(api, row, statusAfterPartition)
  })
  watchKubelets(machines, 'node-status', ({ row, mode, before, at }) => {
    if (mode !== 'connected') return
    if (before === 'cutOff') {
      const wait = (((phaseOf(row) - at) % STATUS_EVERY) + STATUS_EVERY) % STATUS_EVERY
      sim.at(at + wait, look, row)
      return
    }
    phases.set(row, at % STATUS_EVERY)
    post(api, row, statusAfterStart)
  })
}

function post(api: ApiServer, row: NodeRow, statusOf: (node: Node) => Node): void {
  const node = api.nodeRows.nodeOf(row)
  if (node === undefined) return
  const posted = statusOf(node)
  if (posted !== node) api.nodes.update(posted)
}

/** Pressure conditions that the node does not have are not added: nothing here reads them. */
function statusAfterStart(node: Node): Node {
  let started = withCondition(node, READY)
  for (const condition of NO_PRESSURE) {
    if (conditionOf(node, condition.type) !== undefined) started = withCondition(started, condition)
  }
  return started
}

/** Pressures that there are the eviction manager has posted. */
function statusAfterPartition(node: Node): Node {
  let posted = withCondition(node, READY)
  for (const condition of NO_PRESSURE) {
    if (conditionOf(node, condition.type)?.status === 'Unknown') posted = withCondition(posted, condition)
  }
  return posted
}
