import { formatDuration } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { NodeRows } from '../cluster/node-rows.ts'
import {
  POD_BOUND,
  POD_CREATED,
  POD_DELETED,
  POD_DELETING,
  POD_FINISHED,
  POD_READINESS,
  POD_RUNNING,
  POD_UPDATED,
} from '../cluster/pod-event.ts'
import type { PodEventBit } from '../cluster/pod-event.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import {
  DELETED_BY_DRAIN,
  DELETED_BY_JOB,
  EVICTED,
  EVICTED_BY_API,
  EVICTED_BY_TAINT,
  NAMESPACE_DELETED,
  OOM_KILLED,
  OWNER_DELETED,
  PREEMPTED,
  ROLLED_BACK,
  SCALED_DOWN,
  TERMINATED,
  WANTED_DELETIONS,
} from '../cluster/pod-reason.ts'
import { NO_TIME, PHASE_SUCCEEDED } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { FailureTracker } from './failure-tracker.ts'
import type { NodeLedger } from './node-ledger.ts'
import type { PodMeter } from './pod-meter.ts'
import type { PodNotes } from './pod-notes.ts'
import type { PodRows } from './pod-rows.ts'
import type { Ailment } from './recovery/outage.ts'
import type { RecoveryRecorder } from './recovery/recovery-recorder.ts'
import { QuantileSketch } from './quantile-sketch.ts'
import type { RunCounts } from './run-measures.ts'
import { SampledMean } from './sampled-mean.ts'
import type { ReportedEvent } from './sources.ts'
import { TASK } from '../cluster/task-owner.ts'
import { LIFE_EVENTS } from './pod-lives.ts'
import type { PodLives } from './pod-lives.ts'
import {
  GROUP_BOUND,
  GROUP_FAILED,
  GROUP_RUN_TIME,
  GROUP_STARTED,
  GROUP_START_TIME,
  GROUP_SUCCEEDED,
  GROUP_WAITED,
} from './workload-groups.ts'
import type { WorkloadGroups } from './workload-groups.ts'

/** Reasons for which a node that lives on loses pods, by what ails it. Taints that evict are of nodes of which nothing is heard. */
const EVICTIONS: ReadonlyMap<string, Ailment> = new Map([
  [EVICTED, 'diskFull'],
  [TERMINATED, 'shuttingDown'],
  [EVICTED_BY_API, 'noticed'],
  [DELETED_BY_DRAIN, 'noticed'],
])

/** Reasons of deletions after which nobody is to take the place of the pod. */
const DROPS: ReadonlySet<string> = new Set([SCALED_DOWN, OWNER_DELETED, DELETED_BY_JOB, NAMESPACE_DELETED])

/**
 * Counts what happens in the life of each pod: waiting times, ends, evictions; tells the tracker of failures.
 */
export class PodRecorder {
  readonly latency = {
    toBound: new QuantileSketch(),
    toRunning: new QuantileSketch(),
  }
  readonly attempts = new SampledMean()
  /** Evictions by `class_cause`. */
  readonly evictionsBy = new Map<string, number>()
  readonly #pods: PodStore
  readonly #nodeRows: NodeRows
  readonly #notes: PodNotes
  readonly #groups: WorkloadGroups
  readonly #lives: PodLives
  readonly #meter: PodMeter
  readonly #nodes: NodeLedger
  readonly #recovery: RecoveryRecorder
  readonly #counts: RunCounts
  readonly #rows: PodRows | undefined
  readonly #note: (event: ReportedEvent) => void
  readonly #clock: { readonly now: Micros }
  readonly #warmUp: Micros

  constructor(parts: {
    readonly pods: PodStore
    readonly nodeRows: NodeRows
    readonly notes: PodNotes
    readonly groups: WorkloadGroups
    readonly lives: PodLives
    readonly meter: PodMeter
    readonly nodes: NodeLedger
    readonly recovery: RecoveryRecorder
    readonly counts: RunCounts
    readonly rows: PodRows | undefined
    readonly note: (event: ReportedEvent) => void
    readonly clock: { readonly now: Micros }
    readonly warmUp: Micros
  }) {
    this.#pods = parts.pods
    this.#nodeRows = parts.nodeRows
    this.#notes = parts.notes
    this.#groups = parts.groups
    this.#lives = parts.lives
    this.#meter = parts.meter
    this.#nodes = parts.nodes
    this.#recovery = parts.recovery
    this.#counts = parts.counts
    this.#rows = parts.rows
    this.#note = parts.note
    this.#clock = parts.clock
    this.#warmUp = parts.warmUp
  }

  get #tracker(): FailureTracker {
    return this.#recovery.tracker
  }

  /** Scheduling attempts of the pod so far. */
  attemptsOf(row: PodRow): number {
    return this.#notes.attempts(row)
  }

  /** A decision was made about the pod. */
  decided(row: PodRow, attempt: number, bound: boolean): void {
    this.#notes.setAttempts(row, attempt)
    if (bound && this.#clock.now >= this.#warmUp) this.attempts.add(attempt)
  }

  /** Hears of a pod's write; the sums' clock stands at the present. */
  podWritten(event: PodEventBit, row: PodRow): void {
    if ((event & LIFE_EVENTS) !== 0 && this.#pods.table.ownerKind(row) !== TASK) {
      this.#lives.written(event, row, this.#notes.group(row), this.#clock.now)
    }
    switch (event) {
      case POD_CREATED:
        this.#created(row)
        break
      case POD_BOUND:
        this.#bound(row)
        break
      case POD_RUNNING:
        this.#running(row)
        break
      case POD_READINESS:
        this.#readiness(row)
        break
      case POD_UPDATED:
        if (!this.#tracker.isIdle) this.#recovery.statusWritten(row)
        break
      case POD_FINISHED:
        this.#finished(row)
        break
      case POD_DELETING:
        this.#deleting(row)
        break
      case POD_DELETED:
        this.#deleted(row)
        break
    }
  }

  /** Counts what pods that still run have run by the end. O(pods). */
  close(): void {
    for (const row of this.#pods.table.stored()) {
      if (!this.#pods.isFinished(row)) this.#countRunTime(row, this.#notes.group(row))
    }
  }

  /** Writes the rows of pods that are in the store at the end, in order of creation. */
  writeRest(): void {
    if (this.#rows === undefined) return
    for (const row of this.livingRows()) this.#rows.write(row, this.attemptsOf(row), NO_TIME)
  }

  /** Pods in the store in order of creation. O(pods). */
  livingRows(): readonly PodRow[] {
    const { table } = this.#pods
    return [...table.stored()].toSorted((one, other) => table.serial(one) - table.serial(other))
  }

  #created(row: PodRow): void {
    this.#counts.podsCreated += 1
    this.#meter.created(row)
    this.#rows?.created(row)
    if (this.#tracker.isIdle) return
    const { now } = this.#clock
    this.#tracker.created(row, now)
    const node = this.#pods.table.node(row)
    if (node !== NO_NODE) this.#tracker.bound(row, node, now)
  }

  #bound(row: PodRow): void {
    const { now } = this.#clock
    this.#counts.podsBound += 1
    this.#meter.refresh(row)
    const waited = now - this.#pods.table.createdAt(row)
    const group = this.#notes.group(row)
    this.#groups.add(group, GROUP_BOUND, 1)
    this.#groups.add(group, GROUP_WAITED, waited)
    if (now >= this.#warmUp) this.latency.toBound.add(waited)
    if (!this.#tracker.isIdle) this.#tracker.bound(row, this.#pods.table.node(row), now)
  }

  #running(row: PodRow): void {
    const { now } = this.#clock
    if (!this.#tracker.isIdle) this.#tracker.running(row, now)
    this.#meter.containersStarted(row)
    const startTime = now - this.#pods.table.boundAt(row)
    const group = this.#notes.group(row)
    this.#groups.add(group, GROUP_STARTED, 1)
    this.#groups.add(group, GROUP_START_TIME, startTime)
    if (now >= this.#warmUp) this.latency.toRunning.add(startTime)
  }

  #readiness(row: PodRow): void {
    const { table } = this.#pods
    if (table.isReady(row)) {
      this.#meter.containersStarted(row)
      return
    }
    // One that is being deleted ends as it should.
    if (!this.#tracker.isIdle && this.#meter.isWanted(row))
      this.#tracker.unready(row, table.node(row), this.#clock.now)
    this.#meter.refresh(row)
  }

  #finished(row: PodRow): void {
    const { table } = this.#pods
    this.#meter.refresh(row)
    const group = this.#notes.group(row)
    this.#countRunTime(row, group)
    if (table.phase(row) === PHASE_SUCCEEDED) {
      this.#groups.add(group, GROUP_SUCCEEDED, 1)
      this.#counts.podsSucceeded += 1
      if (!this.#tracker.isIdle) this.#tracker.succeeded(row, this.#clock.now)
      return
    }
    this.#groups.add(group, GROUP_FAILED, 1)
    this.#counts.podsFailed += 1
    const reason = table.reason(row)
    if (reason === TERMINATED) this.#tracker.shutsDown(table.node(row), this.#clock.now)
    this.#followLost(row)
    if (!this.#tracker.isIdle) this.#tracker.gone(row, this.#clock.now)
    const { message = '', containerStatuses } = this.#pods.detailsOf(row)
    const hasBegun = table.runningAt(row) !== NO_TIME || containerStatuses !== undefined
    if (reason === TERMINATED) this.#evicted(row, 'NodeShutdown', message.trimEnd())
    else if (!hasBegun) this.#refused(row, reason)
    else if (reason === EVICTED) this.#evicted(row, 'Eviction', message.trimEnd())
    else if (reason === OOM_KILLED) this.#tell(row, 'OomKill', 'killed by the kernel: memory ran out')
    else this.#tell(row, 'PodFailed', '')
  }

  #deleting(row: PodRow): void {
    this.#meter.refresh(row)
    this.#takenAway(row)
  }

  #deleted(row: PodRow): void {
    const { table } = this.#pods
    // A finished pod is in no sum any more.
    if (table.finishedAt(row) === NO_TIME) {
      this.#meter.refresh(row)
      this.#counts.podsDeleted += 1
      if (table.reason(row) === ROLLED_BACK) this.#recovery.rolledBack()
      this.#countRunTime(row, this.#notes.group(row))
      this.#takenAway(row)
      if (!this.#tracker.isIdle) this.#tracker.gone(row, this.#clock.now)
    }
    this.#rows?.write(row, this.attemptsOf(row), this.#clock.now)
  }

  #countRunTime(row: PodRow, group: number): void {
    const { table } = this.#pods
    const runningAt = table.runningAt(row)
    // A node that was cut off says later when the pod ended.
    const endedAt = table.finishedAt(row) === NO_TIME ? this.#clock.now : table.finishedAt(row)
    if (runningAt !== NO_TIME) this.#groups.add(group, GROUP_RUN_TIME, endedAt - runningAt)
  }

  /** Somebody deletes a pod that has not finished; it may be told so twice. */
  #takenAway(row: PodRow): void {
    const { table } = this.#pods
    const reason = table.reason(row)
    if (DROPS.has(reason)) {
      if (!this.#tracker.isIdle) this.#tracker.dropped(row, this.#clock.now)
      return
    }
    this.#followLost(row)
    if (WANTED_DELETIONS.has(reason)) return
    if (table.node(row) === NO_NODE || reason === '') return
    const grace = formatDuration(table.grace(row))
    const kind = reason === EVICTED_BY_TAINT ? 'TaintEviction' : 'Eviction'
    this.#evicted(row, kind, `deleted with a grace period of ${grace}`)
  }

  #followLost(row: PodRow): void {
    if (this.#tracker.isIdle) return
    const { table } = this.#pods
    this.#tracker.lost(row, table.node(row), this.#clock.now, EVICTIONS.get(table.reason(row)))
  }

  #evicted(row: PodRow, kind: string, message: string): void {
    if (this.#notes.isEvicted(row)) return
    this.#notes.setEvicted(row)
    const { table } = this.#pods
    const reason = table.reason(row)
    this.#counts.evictions += 1
    const key = `${this.#meter.qosOf(row)}_${reason}`
    this.evictionsBy.set(key, (this.evictionsBy.get(key) ?? 0) + 1)
    this.#groups.evicted(this.#notes.group(row), reason)
    this.#nodes.at(table.node(row)).evictions += 1
    if (reason !== PREEMPTED) this.#tell(row, kind, message)
  }

  #refused(row: PodRow, reason: string): void {
    this.#counts.refusals += 1
    this.#tell(
      row,
      'KubeletRefusal',
      reason === EVICTED ? 'the node is short of memory, disk or processes' : 'the node cannot take it',
    )
  }

  #tell(row: PodRow, kind: string, message: string): void {
    const { table } = this.#pods
    const node = table.node(row)
    this.#note({
      kind,
      object: this.#pods.keyOf(row),
      node: node === NO_NODE ? '' : this.#nodeRows.nameOf(node),
      reason: table.reason(row),
      message,
    })
  }
}
