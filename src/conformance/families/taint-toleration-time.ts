import { tolerationTime } from '../../api/tolerations.ts'
import type { Taint, Toleration } from '../../api/types.generated.ts'
import { logicFamily } from '../family.ts'

interface TaintInput {
  readonly taints?: readonly Taint[] | null
  readonly tolerations?: readonly Toleration[] | null
}

/** What happens to a pod on a tainted node, and when: the taint eviction controller. */
export const taintTolerationTime = logicFamily<TaintInput>(
  'taint-toleration-time',
  ({ taints, tolerations }) => tolerationTime(taints ?? [], tolerations ?? []),
)
