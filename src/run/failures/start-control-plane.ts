import { formatDuration } from '../../base/time.ts'
import { startApiServerOutages } from '../../failure/api-server-outage.ts'
import { startDataLoss } from '../../failure/etcd-data-loss.ts'
import { startEtcdFailures } from '../../failure/etcd-failure.ts'
import { startSlowDisks } from '../../failure/etcd-slow-disk.ts'
import { startLeaderLosses } from '../../failure/leader-loss.ts'
import { startWatchLags } from '../../failure/watch-lag.ts'
import type { ApiServerOutageSource } from '../../scenario/failures/api-server-outage.ts'
import type { EtcdDataLossSource } from '../../scenario/failures/etcd-data-loss.ts'
import type { EtcdFailureSource } from '../../scenario/failures/etcd-failure.ts'
import type { EtcdSlowDiskSource } from '../../scenario/failures/etcd-slow-disk.ts'
import type { LeaderLossSource } from '../../scenario/failures/leader-loss.ts'
import type { WatchLagSource } from '../../scenario/failures/watch-lag.ts'
import type { FailureParts } from './failure-start.ts'

/** Starts leaders that end. */
export function startLeaderLoss(
  { sim, log, controlPlane }: FailureParts,
  source: LeaderLossSource,
  ordinal: number,
): void {
  const options = { ...source, name: `leader-loss/${ordinal}` }
  startLeaderLosses(sim, log, controlPlane.election(source.component), options)
}

/** Starts API servers that do not answer. */
export function startApiServerOutage(
  { sim, log, controlPlane }: FailureParts,
  source: ApiServerOutageSource,
  ordinal: number,
): void {
  const servers = controlPlane.apiServers()
  startApiServerOutages(sim, log, servers, { ...source, name: `api-server-outage/${ordinal}` })
}

/** Starts members of etcd that fail. */
export function startEtcdFailure(
  { sim, log, controlPlane }: FailureParts,
  source: EtcdFailureSource,
  ordinal: number,
): void {
  const etcd = controlPlane.etcd()
  startEtcdFailures(sim, log, etcd, { ...source, name: `etcd-failure/${ordinal}` })
}

/** Starts the loss of all that etcd stores; events.csv and the warnings of the run say what was lost. */
export function startEtcdDataLoss(parts: FailureParts, source: EtcdDataLossSource, ordinal: number): void {
  const { sim, api, log, controlPlane, tasks, note, warn } = parts
  const isLost = source.snapshotAt === undefined
  const reason = isLost ? 'NoBackup' : 'RestoredFromSnapshot'
  startDataLoss(
    {
      sim,
      api,
      log,
      servers: controlPlane.apiServers(),
      reachKubelets: () => controlPlane.reachKubelets(),
      observers: [tasks.rolledBack],
      restored({ podsGone, podsMade, objectsChanged }) {
        const message = `${podsGone} pods are gone, ${podsMade} are there again, ${objectsChanged} other objects are other than they were`
        const kind = isLost ? 'ClusterStateLost' : 'ClusterStateRestored'
        note({ kind, object: 'etcd', node: '', reason, message })
        const what = isLost
          ? 'etcd lost its data without a backup: the state of the cluster is lost'
          : `etcd was restored from a snapshot taken at ${formatDuration(source.snapshotAt ?? 0)}`
        warn(`at ${formatDuration(sim.now)} ${what}: ${message}`)
      },
    },
    { ...source, name: `etcd-data-loss/${ordinal}` },
  )
}

/** Starts watches that fall behind. */
export function startWatchLag(
  { sim, api, log }: FailureParts,
  source: WatchLagSource,
  ordinal: number,
): void {
  startWatchLags(sim, api, log, { ...source, name: `watch-lag/${ordinal}` })
}

/** Starts disks of etcd that become slow. */
export function startEtcdSlowDisk(
  { sim, log, controlPlane }: FailureParts,
  source: EtcdSlowDiskSource,
  ordinal: number,
): void {
  const parts = { etcd: controlPlane.etcd(), disks: controlPlane.disks }
  startSlowDisks(sim, log, parts, { ...source, name: `etcd-slow-disk/${ordinal}` })
}
