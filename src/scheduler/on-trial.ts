import type { NodeView } from './node-view.ts'

/**
 * Runs a body that puts back all pods that it moves: after it no node has grown, and every verdict stands that stood before.
 * What follows single nodes, by `version` and `changed`, sees the moves. Trials may be nested.
 */
export function onTrial<Result>(nodes: NodeView, body: () => Result): Result {
  const isInside = nodes.isOnTrial
  nodes.isOnTrial = true
  try {
    return body()
  } finally {
    nodes.isOnTrial = isInside
  }
}
