import type { Node } from '../types.generated.ts'
import { roundAmounts } from './amounts.ts'
import { withChanged, withDefaults } from './fields.ts'

/** Defaults of a Node: it gives all that it has. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_NodeStatus`. */
export function defaultNode(node: Node): Node {
  return withChanged(node, 'status', (status) => {
    const { capacity } = status
    const next = withDefaults(status, capacity === undefined ? {} : { allocatable: capacity })
    return withChanged(withChanged(next, 'capacity', roundAmounts), 'allocatable', roundAmounts)
  })
}
