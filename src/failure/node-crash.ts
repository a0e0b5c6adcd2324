import type { Sampler } from '../base/distribution.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'

/** A node that can fail. */
export interface FailingNode {
  readonly row: NodeRow
  readonly name: string
}

/** How single nodes fail. */
export interface NodeCrashOptions {
  /** Time from the start, or from the end of the last repair, to the next crash. */
  readonly timeBetweenFailures: Sampler
  /** Time that a node stays down; without it nodes that crash are gone. */
  readonly repair?: Sampler | undefined
  /** How long the nodes have run when the run starts; 0, the default: all are new. */
  readonly age?: Micros | undefined
  /** Which of several such failures of a run it is, from 0. */
  readonly ordinal?: number
  /** Hears of a node that is gone; `replaced` is called when another one has taken its place. */
  readonly replace?: ((row: NodeRow, replaced: () => void) => void) | undefined
}

/**
 * Lets each node crash and come back on its own, by a renewal process: up for a time, down for a time.
 *
 * Each node has a stream of its own, named after it, so that another node, or another failure model, moves no
 * crash. One timer a node. The failure of a node that is gone ends when another one has taken its place. Returns what adds a node
 * that joins later.
 */
export function startNodeCrashes(
  sim: Simulation,
  log: FailureLog,
  nodes: readonly FailingNode[],
  { timeBetweenFailures, repair, age = 0, ordinal = 0, replace }: NodeCrashOptions,
): (node: FailingNode) => void {
  const isForGood = repair === undefined
  const name = ordinal === 0 ? 'node-crash' : `node-crash/${ordinal}`
  const crashes = new Occurrences(sim, log, {
    model: 'node-crash',
    handlers: { begin: `${name}/crash`, end: `${name}/repair` },
    occurrence: { kind: 'recurring', timeBetweenFailures, span: repair },
  })
  const add = ({ row, name: node }: FailingNode, ran: Micros): void => {
    const thing = {
      id: row,
      stream: sim.random.stream(
        ordinal === 0 ? `failure/node/${node}` : `failure/node-crash/${ordinal}/${node}`,
      ),
      strike: () => ({ nodes: [row], isForGood }),
      isOver: () => log.isGone(row),
      began: (record: FailureRecord) => {
        if (isForGood) replace?.(row, () => log.end(record))
      },
    }
    crashes.add(thing, ran)
  }
  for (const node of nodes) add(node, age)
  return (node) => add(node, 0)
}
