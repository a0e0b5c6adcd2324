import { hostPortsOf } from '../src/api/host-ports.ts'
import { PASS, definePlugin, signHostPorts, unschedulable } from '../src/scheduler/framework/index.ts'
import type { HostPort } from '../src/scheduler/framework/index.ts'

const NO_FREE_PORTS = unschedulable("node(s) didn't have free ports for the requested pod ports")

/** The address that stands for all addresses of a host. */
const ALL_ADDRESSES = '0.0.0.0'

/**
 * Keeps pods off nodes where a port of the host that they want is taken.
 *
 * Source: Kubernetes v1.37, scheduler plugins/nodeports.
 */
export const nodePorts = definePlugin({
  name: 'NodePorts',
  reads: ['hostPorts'],
  sized: false,

  compile: (pod) => ({ wanted: hostPortsOf(pod.spec) }),

  sign: signHostPorts,

  screen: (term) => (term.wanted.length === 0 ? { skip: true } : undefined),

  filter: (term, node, nodes) => (conflicts(term.wanted, nodes.hostPorts(node)) ? NO_FREE_PORTS : PASS),

  events: ['node-added', 'assigned-pod-deleted', 'pending-pod-deleted'],

  hint(term, change) {
    if (change.type === 'node-added') return true
    const isGone = change.type === 'assigned-pod-deleted' || change.type === 'pending-pod-deleted'
    return isGone && conflicts(term.wanted, hostPortsOf(change.pod.spec))
  },
})

/** The same port and protocol, on the same address or with one of them on all. */
function conflicts(wanted: readonly HostPort[], taken: readonly HostPort[]): boolean {
  for (const other of taken) for (const port of wanted) if (isTakenBy(port, other)) return true
  return false
}

function isTakenBy(port: HostPort, other: HostPort): boolean {
  return (
    port.hostPort === other.hostPort &&
    port.protocol === other.protocol &&
    (port.hostIP === other.hostIP || port.hostIP === ALL_ADDRESSES || other.hostIP === ALL_ADDRESSES)
  )
}
