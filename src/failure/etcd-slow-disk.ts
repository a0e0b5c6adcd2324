import type { Sampler } from '../base/distribution.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { EtcdDisks } from './control-plane/etcd-disks.ts'
import type { Etcd } from './control-plane/etcd.ts'
import type { FailureLog } from './failure-log.ts'
import { Occurrences } from './occurrence.ts'
import type { Occurrence } from './occurrence.ts'

/** How disks become slow. */
export interface SlowDiskOptions {
  /** Time until a write is on a disk meanwhile. */
  readonly fsync: Sampler
  readonly occurrence: Occurrence
  /** Of its handlers and its stream of chance. */
  readonly name: string
}

/**
 * The disks of etcd become slow: each write takes longer, and a leader that waits for its disk for longer than the others wait for it loses
 * them, for it sends nothing meanwhile.
 *
 * Source: etcd documentation, tuning, "Disk": heartbeats are late, and elections follow.
 */
export function startSlowDisks(
  sim: Simulation,
  log: FailureLog,
  { etcd, disks }: { readonly etcd: Etcd; readonly disks: EtcdDisks },
  { fsync, occurrence, name }: SlowDiskOptions,
): void {
  const { heartbeat, electionTimeout, members } = etcd.options
  const writes = sim.random.stream(`failure/${name}/writes`)
  let turn = 0
  /** The leader writes all the time: leases are renewed all the time. */
  const write = sim.handler(`${name}/write`, (startedAt) => {
    if (startedAt !== turn) return
    const span = Math.round(disks.fsync(writes))
    let patience = Number.POSITIVE_INFINITY
    for (let other = 1; other < members; other++) {
      patience = Math.min(patience, electionTimeout * (1 + writes.uniform()))
    }
    if (span > patience && etcd.leader !== undefined) etcd.loseLeader()
    sim.after(Math.max(span, heartbeat), write, turn)
  })
  const handlers = { begin: `${name}/begin`, end: `${name}/end` }
  const failures = new Occurrences(sim, log, { model: 'etcd-slow-disk', handlers, occurrence })
  failures.add({
    id: 0,
    stream: sim.random.stream(`failure/${name}`),
    strike: () => ({ effect: { kind: 'none' }, name: 'etcd' }),
    began() {
      disks.slow(fsync)
      turn += 1
      sim.after(0, write, turn)
    },
    ended() {
      disks.recover(fsync)
      turn += 1
    },
  })
}
