import type { Change, Obstacle, RejectedNode } from './explanation.ts'

/**
 * What would change the verdict, from the obstacles of all nodes: the same remedy for several nodes is one change. Those
 * that open nodes by themselves come first, then in the order of the nodes' nearness.
 */
export function changesOf(rejected: readonly RejectedNode[]): readonly Change[] {
  const changes = new Map<string, { readonly opens: string[]; readonly alsoNeededOn: string[] }>()
  for (const { node, obstacles } of rejected) {
    const texts = new Set(obstacles.map((obstacle) => textOf(node, obstacle)))
    for (const text of texts) {
      const change = changes.get(text) ?? { opens: [], alsoNeededOn: [] }
      changes.set(text, change)
      if (texts.size === 1) change.opens.push(node)
      else change.alsoNeededOn.push(node)
    }
  }
  const all = [...changes].map(([text, change]) => ({ text, ...change }))
  return [...all.filter(({ opens }) => opens.length > 0), ...all.filter(({ opens }) => opens.length === 0)]
}

/** Missing amounts are a node's own; remedies and reasons are told once for all nodes. */
function textOf(node: string, { plugin, reasons, missing, remedy }: Obstacle): string {
  if (missing.length > 0) return `${node} ${missing.map(({ text }) => text).join(' and ')}`
  if (remedy !== '') return remedy
  return `${plugin === '' ? '' : `${plugin}: `}${reasons.join(', ')}`
}
