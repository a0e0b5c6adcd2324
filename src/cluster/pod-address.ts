import type { ApiServer } from './api-server.ts'
import { PHASE_PENDING } from './pod-table.ts'
import { NO_NODE } from './rows.ts'
import type { PodRow } from './rows.ts'

/** Addresses of pods: 10.128.0.1 to 10.255.255.254, apart from those of services. */
const FIRST_POD = 10 * 2 ** 24 + 128 * 2 ** 16
const POD_COUNT = 2 ** 23 - 2
/** Addresses of nodes that do not say theirs: from 172.16.0.1 on. */
const FIRST_NODE = 172 * 2 ** 24 + 16 * 2 ** 16
const NODE_COUNT = 2 ** 20 - 2

/**
 * `status.podIP`: what the kubelet wrote, else, once the pod runs, an address that follows from its place in the order of creation; that of
 * the node for a pod in its network. Undefined before that.
 *
 * Departs from Kubernetes, where each node has a range of its own for its pods. Addresses come again after 8,388,606 pods.
 */
export function podAddress(api: ApiServer, row: PodRow): string | undefined {
  const { table } = api.pods
  const { podIP } = api.pods.detailsOf(row)
  if (podIP !== undefined) return podIP
  const node = table.node(row)
  if (node === NO_NODE || table.phase(row) === PHASE_PENDING) return undefined
  if (api.pods.infoOf(row).template.spec.hostNetwork !== true) {
    return dotted(FIRST_POD + 1 + ((table.serial(row) - 1) % POD_COUNT))
  }
  const addresses = api.nodeRows.nodeOf(node)?.status?.addresses ?? []
  const said = addresses.find(({ type }) => type === 'InternalIP')?.address
  return said ?? dotted(FIRST_NODE + 1 + (node % NODE_COUNT))
}

/** An address as text. */
export function dotted(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join('.')
}
