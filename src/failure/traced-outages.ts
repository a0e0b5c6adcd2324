import { assert } from '../base/assert.ts'
import type { RandomStream } from '../base/random.ts'
import type { NodeRow } from '../cluster/rows.ts'
import type { TracedFailure } from './failure-trace.ts'
import type { Outage } from './outage.ts'

/**
 * Maps the failures of a trace onto a cluster: machine k of the trace is node k mod N; a share of machines is
 * that share of the nodes, drawn anew for each failure (at least one). Times are multiplied by `timeScale`.
 */
export function* tracedOutages(
  failures: Iterable<TracedFailure>,
  nodes: readonly NodeRow[],
  setting: { readonly timeScale: number; readonly stream: RandomStream },
): Generator<Outage> {
  if (nodes.length === 0) return
  for (const failure of failures) {
    yield {
      model: 'trace',
      nodes: nodesOf(failure, nodes, setting.stream),
      at: Math.round(failure.at * setting.timeScale),
      span: Math.round(failure.span * setting.timeScale),
    }
  }
}

function nodesOf(
  failure: TracedFailure,
  nodes: readonly NodeRow[],
  stream: RandomStream,
): readonly NodeRow[] {
  if (failure.machine !== undefined) {
    const node = nodes[failure.machine % nodes.length]
    return node === undefined ? [] : [node]
  }
  const count = Math.min(nodes.length, Math.max(1, Math.round((failure.share ?? 0) * nodes.length)))
  const shuffled = [...nodes]
  for (let i = 0; i < count; i++) swap(shuffled, i, i + stream.integer(nodes.length - i))
  return shuffled.slice(0, count).sort((one, other) => one - other)
}

function swap(nodes: NodeRow[], i: number, j: number): void {
  const one = nodes[i]
  const other = nodes[j]
  assert(one !== undefined && other !== undefined, () => `no nodes ${i} and ${j} of ${nodes.length}`)
  nodes[i] = other
  nodes[j] = one
}
