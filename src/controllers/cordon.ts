import type { Taint } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/**
 * Lets no more pods onto a node, or lets them again: `spec.unschedulable`, with the taint that the node lifecycle controller
 * puts beside it. False when there is no such node. Source: kubectl v1.37 cordon; kube-controller-manager v1.37,
 * nodelifecycle `doNoScheduleTaintingPass`.
 */
export function cordon(api: ApiServer, name: string, isCordoned: boolean): boolean {
  const node = api.nodes.get(name)
  if (node === undefined) return false
  const { unschedulable = false, taints = [], ...spec } = node.spec ?? {}
  if (unschedulable === isCordoned) return true
  const others = taints.filter(({ key }) => key !== UNSCHEDULABLE)
  const taint: Taint = { key: UNSCHEDULABLE, effect: 'NoSchedule' }
  const written = isCordoned ? [...others, taint] : others
  api.nodes.update({
    ...node,
    spec: {
      ...spec,
      ...(isCordoned ? { unschedulable: true } : {}),
      ...(written.length === 0 ? {} : { taints: written }),
    },
  })
  return true
}
