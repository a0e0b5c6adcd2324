import type { Sampler } from '../base/distribution.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { emptySnapshot, takeSnapshot } from '../cluster/cluster-snapshot.ts'
import type { ClusterSnapshot } from '../cluster/cluster-snapshot.ts'
import { rollBack } from '../cluster/roll-back.ts'
import type { RollBackCounts, RollBackObserver } from '../cluster/roll-back.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { ApiServers } from './control-plane/api-servers.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'

/** How etcd loses its data. */
export interface DataLossOptions {
  readonly at: Micros
  /** Time until API servers run again, on what was restored. */
  readonly span: Sampler
  /** When the snapshot was taken that is restored; undefined: there is none. */
  readonly snapshotAt: Micros | undefined
  /** Of its handlers and its stream of chance. */
  readonly name: string
}

/** What a loss of data acts on. */
export interface DataLossParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly log: FailureLog
  readonly servers: ApiServers
  /** Kubelets hear of the API server at once when it is back. */
  readonly reachKubelets: () => void
  readonly observers: readonly RollBackObserver[]
  /** Hears what was restored. */
  readonly restored: (counts: RollBackCounts) => void
}

/**
 * All members of etcd lose their data. Meanwhile no API server answers, and containers run on. Then API servers serve what a snapshot holds,
 * or nothing: kubelets kill the containers of pods that the API server does not know (kubelet v1.37, `HandlePodCleanups`), and start those that it
 * knows; controllers make what is missing, if anybody still knows that it is.
 */
export function startDataLoss(
  { sim, api, log, servers, reachKubelets, observers, restored }: DataLossParts,
  { at, span, snapshotAt, name }: DataLossOptions,
): void {
  let snapshot: ClusterSnapshot | undefined
  if (snapshotAt !== undefined) {
    const take = sim.handler(`${name}/snapshot`, () => {
      snapshot = takeSnapshot(api)
    })
    sim.at(snapshotAt, take)
  }
  const all = Array.from({ length: servers.count }, (_, replica) => replica)
  const losses = new Occurrences(sim, log, {
    model: 'etcd-data-loss',
    handlers: { begin: `${name}/begin`, end: `${name}/end` },
    occurrence: { kind: 'once', at, span },
  })
  losses.add({
    id: 0,
    stream: sim.random.stream(`failure/${name}`),
    strike: () => ({ effect: { kind: 'none' }, name: 'etcd' }),
    began: () => servers.stop(all),
    ended() {
      if (servers.wouldTakeWrites(all)) reachKubelets()
      restored(rollBack(api, snapshot ?? emptySnapshot(api), observers))
      servers.start(all)
    },
  })
}
