import type { Node } from '../../api/types.generated.ts'
import { RandomStreams } from '../../base/random.ts'

/** The cell, so many times over: for a workload that needs more machines than it has. */
export function clonedCell(nodes: readonly Node[], copies: number): readonly Node[] {
  return Array.from({ length: copies }, (_, copy) =>
    copy === 0 ? nodes : nodes.map((node) => cloneOf(node, copy)),
  ).flat()
}

function cloneOf(node: Node, copy: number): Node {
  const name = `${node.metadata?.name ?? ''}-clone-${copy}`
  const labels = { ...node.metadata?.labels }
  if (labels['kubernetes.io/hostname'] !== undefined) labels['kubernetes.io/hostname'] = name
  return { ...node, metadata: { ...node.metadata, name, labels } }
}

/**
 * A random order of machines, as places in the list: the first ones stay longest. It follows from the seed and the number of the trial,
 * so that each policy is tried on the same orders.
 */
export function removalOrder(count: number, seed: string, trial: number): readonly number[] {
  const chance = new RandomStreams(seed).stream(`compaction/order/${trial}`)
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = chance.integer(last + 1)
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}
