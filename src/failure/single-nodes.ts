import type { Simulation } from '../engine/simulation.ts'
import type { EffectDraw } from './effect.ts'
import type { FailureLog } from './failure-log.ts'
import type { FailingNode } from './node-crash.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** How nodes fail one by one. */
export interface SingleNodeOptions {
  /** Name of the model, such as `fail-slow`. */
  readonly model: string
  /** Which of several failures of that model it is, from 0. */
  readonly ordinal: number
  readonly occurrence: Extract<Occurrence, { readonly kind: 'recurring' }>
  readonly effect: EffectDraw
}

/**
 * Lets each node fail on its own again and again, by a renewal process with a stream named after the node. Returns what adds a node
 * that joins later.
 */
export function startSingleNodes(
  sim: Simulation,
  log: FailureLog,
  nodes: readonly FailingNode[],
  { model, ordinal, occurrence, effect }: SingleNodeOptions,
): (node: FailingNode) => void {
  const name = `${model}/${ordinal}`
  const failures = new Occurrences(sim, log, {
    model,
    handlers: { begin: `${name}/begin`, end: `${name}/end` },
    occurrence,
  })
  const add = ({ row, name: node }: FailingNode): void => {
    failures.add({
      id: row,
      stream: sim.random.stream(`failure/${name}/${node}`),
      strike: (stream) => ({ nodes: [row], effect: effect(stream) }),
      isOver: () => log.isGone(row),
    })
  }
  for (const node of nodes) add(node)
  return add
}
