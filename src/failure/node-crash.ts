import { assert } from '../base/assert.ts'
import type { RandomStream } from '../base/random.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { FailureLog, FailureRecord } from './failure-log.ts'

/** How single nodes fail. */
export interface NodeCrashOptions {
  /** Time from the start, or from the end of the last repair, to the next crash. */
  readonly timeBetweenFailures: (stream: RandomStream) => Micros
  /** Time that a node stays down. */
  readonly repair: (stream: RandomStream) => Micros
}

/**
 * Lets each node crash and come back on its own, by a renewal process: up for a time, down for a time.
 *
 * Each node has a stream of its own, named after it, so that another node, or another failure model, moves no
 * crash. One timer a node.
 */
export function startNodeCrashes(
  sim: Simulation,
  log: FailureLog,
  nodes: readonly { readonly row: NodeRow; readonly name: string }[],
  options: NodeCrashOptions,
): void {
  const streams = new Map<NodeRow, RandomStream>()
  const failures = new Map<NodeRow, FailureRecord>()
  const streamOf = (row: NodeRow): RandomStream => {
    const stream = streams.get(row)
    assert(stream !== undefined, () => `node ${row} was never given a stream of crashes`)
    return stream
  }
  const crash = sim.handler('node-crash/crash', (node) => {
    const row = node as NodeRow
    failures.set(row, log.begin('node-crash', { nodes: [row] }))
    sim.after(atLeastOne(options.repair(streamOf(row))), repair, row)
  })
  const repair = sim.handler('node-crash/repair', (node) => {
    const row = node as NodeRow
    const failure = failures.get(row)
    if (failure !== undefined) log.end(failure)
    sim.after(atLeastOne(options.timeBetweenFailures(streamOf(row))), crash, row)
  })
  for (const { row, name } of nodes) {
    const stream = sim.random.stream(`failure/node/${name}`)
    streams.set(row, stream)
    sim.after(atLeastOne(options.timeBetweenFailures(stream)), crash, row)
  }
}

/** Spans are whole microseconds, and a failure lasts at least one. */
function atLeastOne(span: Micros): Micros {
  return Math.max(1, Math.round(span))
}
