import type { Micros } from '../base/time.ts'
import { POD_DELETED, POD_READINESS, POD_RUNNING } from '../cluster/pod-event.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { ReplayedParts } from '../run/run.ts'
import { workloadKeyOf } from './replicated-workloads.ts'
import type { ReplicatedWorkload } from './replicated-workloads.ts'

/** What became of a workload's ready replicas from an instant on. */
export interface ReadyReplicas {
  /** Ready when it began, and how many of these on the nodes that are lost. */
  readonly before: number
  readonly lost: number
  least: number
  /** Ready now. */
  now: number
  /** Since when all replicas have been ready without a break; undefined when they are not. */
  wholeSince: Micros | undefined
  /** Replicas that were wanted and not ready, times microseconds. */
  missing: number
}

/** What a kubelet says of containers that run. */
const STARTED = POD_RUNNING | POD_READINESS

interface Count {
  ready: number
  readonly rows: Set<PodRow>
}

/**
 * Counts the replicas of each workload that really serve: ready, not being deleted, and on a machine that runs. The API says of
 * pods on a machine that is down that they are ready, until somebody notices. Hears of writes and machines inside the change, and
 * writes nothing.
 */
export class ReadyReplicaCounts {
  readonly #run: ReplayedParts
  readonly #counts = new Map<string, Count>()
  readonly #keys = new Map<PodRow, string | undefined>()
  /** Pods whose containers died with their machine, until its kubelet says that they are ready again. */
  readonly #dead = new Set<PodRow>()
  readonly #followed = new Map<
    string,
    { readonly workload: ReplicatedWorkload; readonly sums: ReadyReplicas }
  >()
  readonly #changedAt = new Map<string, Micros>()

  constructor(run: ReplayedParts) {
    this.#run = run
    const { api, machines } = run
    api.pods.observe((event, row) => {
      if ((event & STARTED) !== 0 && api.pods.table.isReady(row)) this.#dead.delete(row)
      this.#look(row, event === POD_DELETED)
      if (event === POD_DELETED) this.#keys.delete(row)
    })
    machines.observe(({ row, fault, up }) => {
      if (fault === 'down' && !up) this.#machineDown(row)
    })
  }

  /** Pods of a workload that serve, by node. */
  nodesOf(key: string): readonly NodeRow[] {
    const { table } = this.#run.api.pods
    return [...(this.#counts.get(key)?.rows ?? [])].map((row) => table.node(row))
  }

  /** Follows workloads from now on, when these nodes are about to be lost. */
  follow(workloads: readonly ReplicatedWorkload[], lost: ReadonlySet<NodeRow>): void {
    const { now } = this.#run.sim
    for (const workload of workloads) {
      const ready = this.#counts.get(workload.key)?.ready ?? 0
      const there = this.nodesOf(workload.key).filter((node) => lost.has(node)).length
      const wholeSince = ready >= workload.replicas ? now : undefined
      const sums = { before: ready, lost: there, least: ready, now: ready, wholeSince, missing: 0 }
      this.#followed.set(workload.key, { workload, sums })
      this.#changedAt.set(workload.key, now)
    }
  }

  /** What became of a workload that is followed, up to now. */
  of(key: string): ReadyReplicas | undefined {
    this.#changed(key, this.#counts.get(key)?.ready ?? 0)
    return this.#followed.get(key)?.sums
  }

  #machineDown(node: NodeRow): void {
    for (const row of this.#run.api.pods.onNode(node)) {
      this.#dead.add(row)
      this.#look(row, false)
    }
  }

  #look(row: PodRow, isGone: boolean): void {
    const key = this.#keyOf(row)
    if (key === undefined) return
    let count = this.#counts.get(key)
    if (count === undefined) {
      count = { ready: 0, rows: new Set() }
      this.#counts.set(key, count)
    }
    const serves = !isGone && this.#serves(row)
    if (isGone) this.#dead.delete(row)
    if (serves === count.rows.has(row)) return
    if (serves) count.rows.add(row)
    else count.rows.delete(row)
    count.ready = count.rows.size
    this.#changed(key, count.ready)
  }

  #serves(row: PodRow): boolean {
    const { api, machines } = this.#run
    const { table } = api.pods
    const node = table.node(row)
    if (node === NO_NODE || !table.isReady(row) || table.isFinished(row)) return false
    return table.deletingAt(row) === NO_TIME && !this.#dead.has(row) && machines.isUp(node)
  }

  #keyOf(row: PodRow): string | undefined {
    if (!this.#keys.has(row)) this.#keys.set(row, workloadKeyOf(this.#run.api, row))
    return this.#keys.get(row)
  }

  #changed(key: string, ready: number): void {
    const followed = this.#followed.get(key)
    if (followed === undefined) return
    const { sums, workload } = followed
    const { now } = this.#run.sim
    const since = this.#changedAt.get(key) ?? now
    sums.missing += Math.max(0, workload.replicas - sums.now) * (now - since)
    this.#changedAt.set(key, now)
    sums.now = ready
    sums.least = Math.min(sums.least, ready)
    if (ready < workload.replicas) sums.wholeSince = undefined
    else sums.wholeSince ??= now
  }
}
