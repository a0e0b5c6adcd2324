import { nodeAmounts } from '../../api/node-amounts.ts'
import { bytesText, milliText } from '../../api/quantity.ts'
import { podRequests } from '../../api/resources.ts'
import type { DaemonSet, Node } from '../../api/types.generated.ts'
import { daemonRules } from '../../controllers/daemon-rules.ts'

/**
 * The nodes without what the pods of DaemonSets take of them: those belong on a node by its name, labels and taints, and are there before
 * all others. One that does not fit with those before it takes nothing.
 */
export function withoutDaemonRoom(nodes: readonly Node[], daemonSets: readonly DaemonSet[]): readonly Node[] {
  const daemons = daemonSets.map((set) => {
    const { cpu, memory, ephemeralStorage, scalars } = podRequests({
      spec: set.spec?.template.spec ?? NOTHING,
    })
    const amounts = new Map([['cpu', cpu], ['memory', memory], ['pods', 1], ...scalars])
    if (ephemeralStorage > 0) amounts.set('ephemeral-storage', ephemeralStorage)
    return { amounts, isHere: daemonRules(set) }
  })
  if (daemons.length === 0) return nodes
  return nodes.map((node) => {
    const left = new Map(nodeAmounts(node.status?.allocatable))
    for (const { amounts, isHere } of daemons) {
      const fits = [...amounts].every(([resource, amount]) => amount <= (left.get(resource) ?? 0))
      if (!fits || !isHere(node).shouldRun) continue
      for (const [resource, amount] of amounts) left.set(resource, (left.get(resource) ?? 0) - amount)
    }
    const allocatable = Object.fromEntries(
      [...left].map(([resource, amount]) => [
        resource,
        resource === 'cpu' ? milliText(amount) : bytesText(amount),
      ]),
    )
    return { ...node, status: { ...node.status, allocatable } }
  })
}

const NOTHING = { containers: [] }
