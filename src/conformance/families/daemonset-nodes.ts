import type { DaemonSet, Node } from '../../api/types.generated.ts'
import { daemonCounts } from '../../controllers/daemon-set-plan.ts'
import { daemonRules } from '../../controllers/daemon-rules.ts'
import { logicFamily } from '../family.ts'

interface Input {
  readonly daemonSet: DaemonSet
  readonly nodes: readonly Node[]
  readonly desiredNumberScheduled: number
}

/** On which nodes pods of a DaemonSet belong, and the numbers of its rolling update. */
export const daemonSetNodes = logicFamily<Input>('daemonset-nodes', (input) => {
  const judge = daemonRules(input.daemonSet)
  return {
    nodes: Object.fromEntries(input.nodes.map((node) => [node.metadata?.name ?? '', judge(node)])),
    ...daemonCounts(input.daemonSet, input.desiredNumberScheduled),
  }
})
