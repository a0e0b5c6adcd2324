import { SECOND } from '../../src/base/time.ts'
import type { NodeRow } from '../../src/cluster/rows.ts'
import { FailureLog } from '../../src/failure/failure-log.ts'
import { TestCluster } from '../node/test-cluster.ts'

/** A cluster, its nodes `n0`, `n1`, …, and the log of what fails there. */
export interface WatchedFailures {
  readonly cluster: TestCluster
  readonly log: FailureLog
  readonly nodes: readonly { readonly row: NodeRow; readonly name: string }[]
}

export function watchedFailures(count: number, seed = 1): WatchedFailures {
  const cluster = new TestCluster({ seed })
  const nodes = Array.from({ length: count }, (_, i) => ({ row: cluster.addNode(`n${i}`), name: `n${i}` }))
  return { cluster, log: new FailureLog(cluster.sim, cluster.machines), nodes }
}

/** The failures as `model target [nodes] from-to`, in seconds; open ones end in `…`. */
export function failureLines({ log }: WatchedFailures): string[] {
  return log.records.map(({ model, target, nodes, startedAt, endedAt }) => {
    const end = endedAt === undefined ? '…' : String(endedAt / SECOND)
    return `${[model, target].filter((part) => part !== '').join(' ')} [${nodes.join(' ')}] ${startedAt / SECOND}-${end}`
  })
}
