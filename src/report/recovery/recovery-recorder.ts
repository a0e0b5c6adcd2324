import { tolerationTime } from '../../api/tolerations.ts'
import type { Micros } from '../../base/time.ts'
import type { WrittenObject } from '../../cluster/api-server.ts'
import { NO_NODE } from '../../cluster/rows.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import type { TemplateInfo } from '../../cluster/template-registry.ts'
import type { Decision } from '../../scheduler/decision.ts'
import { FailureTracker } from '../failure-tracker.ts'
import type { FollowedPod } from '../failure-tracker.ts'
import type { PodMeter } from '../pod-meter.ts'
import type { PodNotes } from '../pod-notes.ts'
import type { FailureRecord, MachineChange, RecorderSources, ReportedEvent } from '../sources.ts'
import type { WorkloadGroups, WorkloadGroup } from '../workload-groups.ts'
import { BudgetLedger } from './budget-ledger.ts'
import { causeOfWaiting } from './causes.ts'
import type { FailureOutcome } from './failure-outcome.ts'
import { FailureCostLedger } from './failure-costs.ts'
import type { FailureCosts, WorkloadState } from './failure-costs.ts'
import { isControlPlanePart } from './interruptions.ts'
import type { ControlPlanePart } from './interruptions.ts'
import type { WaitSums } from './write-waits.ts'
import { WriteWaits } from './write-waits.ts'

/** The taint of nodes that do not answer. */
const UNREACHABLE = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] as const

/** Reason of waits for the limit of a client's own. */
const CLIENT_LIMIT = 'client limit'
/** Events of leaders of components, and whether somebody leads from then on. */
const LEADERS: ReadonlyMap<string, boolean> = new Map([
  ['LeaderLost', false],
  ['LeaderElected', true],
])

/** What the recorder of recoveries looks at. */
export interface RecoveryParts {
  readonly sources: RecorderSources
  readonly notes: PodNotes
  readonly groups: WorkloadGroups
  readonly meter: PodMeter
  /** Restarts of containers of a group of pods, so far. */
  readonly restartsOf: (group: number) => number
}

/** A failure, what it came to, the writes that waited while it lasted, and what it cost besides lost pods. */
export interface ClosedFailure extends FailureOutcome {
  readonly waits: WaitSums
  readonly costs: FailureCosts
}

/** Listens to all that says how a cluster recovers from failures, and tells the tracker. While nothing fails it costs a look at a flag. */
export class RecoveryRecorder {
  readonly tracker: FailureTracker
  readonly #parts: RecoveryParts
  readonly #budgets = new BudgetLedger()
  readonly #waits = new WriteWaits()
  readonly #costs: FailureCostLedger
  readonly #stays = new WeakMap<TemplateInfo, boolean>()
  /** Replicas that each workload asked for last. */
  readonly #asked: (number | undefined)[] = []
  #hasFailed = false
  #blockedEvictions = 0

  constructor(parts: RecoveryParts) {
    this.#parts = parts
    const { groups } = parts
    this.tracker = new FailureTracker({
      describe: (row) => this.#describe(row),
      numbers: groups,
      budgets: this.#budgets,
    })
    this.#costs = new FailureCostLedger((workload) => this.#stateOf(workload))
    this.tracker.interruptions.onWaited((cause, from, until) => this.#costs.waited(cause, from, until))
    this.#listen()
  }

  /** Evictions that budgets refused, of whatever pods. */
  get blockedEvictions(): number {
    return this.#blockedEvictions
  }

  get #now(): Micros {
    return this.#parts.sources.clock.now
  }

  /** A fault of a machine began or ended; called before its pods are told. */
  machineChanged({ row, fault, up, cause }: MachineChange): void {
    const pods = this.#parts.meter.byNode.on(row)
    if (up) this.tracker.ended(row, { ailment: fault }, this.#now, pods)
    else {
      const lost = fault === 'down' ? pods.filter((pod) => this.#parts.meter.isWanted(pod)) : []
      this.tracker.began(row, { ailment: fault, cause }, this.#now, lost)
    }
  }

  /** Something happened, as events.csv tells it: of leaders of components it is heard so. */
  noted({ kind, object }: ReportedEvent): void {
    const leads = LEADERS.get(kind)
    if (leads !== undefined && isControlPlanePart(object)) this.#partChanged(object, leads)
  }

  /** A restored etcd does not know a pod. */
  rolledBack(): void {
    this.#costs.rolledBack()
  }

  /** A scheduling cycle is over. */
  decided(decision: Decision): void {
    if (this.#hasFailed && decision.outcome === 'bound' && decision.attempt === 1) this.#bound(decision.pod)
    if (this.tracker.isIdle || !this.tracker.isFollowed(decision.pod)) return
    const places = (this.#parts.sources.schedulers ?? []).map(({ queue }) => queue?.get(decision.pod)?.place)
    const isBackingOff = places.some((place) => place === 'backoff' || place === 'error-backoff')
    this.tracker.decided(decision, isBackingOff, this.#now)
  }

  /** A pod waits for its volumes on its node, or has them. */
  volumesAwaited(pod: PodRow, waits: boolean): void {
    if (!this.tracker.isIdle) this.tracker.awaitsVolumes(pod, waits, this.#now)
  }

  /** The status of a pod was written. */
  statusWritten(pod: PodRow): void {
    if (!this.tracker.isFollowed(pod)) return
    const { containerStatuses = [], initContainerStatuses = [] } = this.#parts.sources.pods.detailsOf(pod)
    const reasons = [...initContainerStatuses, ...containerStatuses].map(
      ({ state }) => state?.waiting?.reason,
    )
    this.tracker.waits(pod, causeOfWaiting(reasons), this.#now)
  }

  /** An object was written. */
  objectWritten(change: WrittenObject): void {
    this.#budgets.written(change, this.#now)
    if (change.kind === 'Job' && change.object === undefined) this.jobEnded(change.key)
  }

  /** A Job makes no more pods. */
  jobEnded(key: string): void {
    if (!this.tracker.isIdle) this.tracker.ownerOver('Job', key, this.#now)
  }

  /** A workload asks for so many replicas; undefined when it is gone. */
  desired(workload: Pick<WorkloadGroup, 'namespace' | 'kind' | 'name'>, replicas: number | undefined): void {
    const { groups } = this.#parts
    const group = groups.find(workload)
    const asked = replicas ?? 0
    if (group === undefined || this.#asked[group] === asked) return
    this.#asked[group] = asked
    if (!this.tracker.isIdle) this.tracker.asksFor(group, asked, groups.pods(group), this.#now)
  }

  /** Ends what is open; called once, at the end of the run. */
  close(): void {
    this.tracker.end(this.#now)
  }

  /** What all failures came to, in order of their numbers. */
  outcomes(): readonly ClosedFailure[] {
    const records = [...(this.#parts.sources.failures?.records ?? [])]
    return records.toSorted((one, other) => one.id - other.id).map((record) => this.#outcomeOf(record))
  }

  #outcomeOf(record: FailureRecord): ClosedFailure {
    const costs = this.#costs.of(record, this.#now)
    return { ...this.tracker.outcomeOf(record), waits: this.#waits.of(record.id), costs }
  }

  #listen(): void {
    const { sources, notes } = this.#parts
    const { tracker } = this
    sources.failures?.observe?.((record) => this.#failureChanged(record))
    sources.backoffs?.observe((pod) => {
      if (!tracker.isIdle) tracker.backedOff(pod, this.#now)
    })
    sources.kubelets?.workers?.observe({
      imagePulled: (pod, _container, span) => {
        if (!tracker.isIdle) tracker.pulled(pod, span, this.#now)
      },
    })
    sources.onRefusedPod?.(({ kind, key }) => {
      if (!tracker.isIdle) tracker.refused(kind, key, this.#now)
    })
    sources.onBlockedEviction?.((pod) => {
      this.#blockedEvictions += 1
      if (!tracker.isIdle) tracker.watches.evictionBlocked(notes.group(pod))
    })
    sources.kubelets?.onSplitBrain?.(({ key, nodes, startedAt, endedAt }) => {
      const id = `${key} ${nodes.join()} ${startedAt}`
      if (endedAt === undefined) tracker.outages.splitBegan(id, nodes[0], startedAt)
      else tracker.outages.splitEnded(id, endedAt)
    })
    sources.availability?.observe((takesWrites) => {
      this.#partChanged('api', takesWrites)
    })
    sources.apiLoad?.onThrottled((wait) => {
      if (!this.#hasFailed) return
      if (wait.reason === CLIENT_LIMIT) tracker.clientLimited(wait)
      else this.#waits.waited(wait)
    })
  }

  /** Failures that leave machines running, and those of leaders, begin and end with their record. */
  #failureChanged(record: FailureRecord): void {
    const { id, model, nodes, effect, startedAt, strikesAt = startedAt, endedAt } = record
    this.#hasFailed = true
    if (endedAt === undefined) this.#waits.began(id, this.#now)
    else this.#waits.ended(id, this.#now)
    if (endedAt === undefined) this.#costs.began(record, this.#now)
    else this.#costs.ended(record)
    const cause = `${model}/${id}`
    if (strikesAt > this.#now) {
      for (const node of nodes) this.tracker.began(node, { ailment: 'noticed', cause }, this.#now)
      return
    }
    const ailment = effect?.kind ?? 'down'
    if (ailment !== 'slow' && ailment !== 'diskFull') return
    for (const node of nodes) this.#ailChanged(node, { ailment, cause }, endedAt === undefined)
  }

  /** A part of the control plane works from now on, or does not. */
  #partChanged(part: ControlPlanePart, works: boolean): void {
    if (this.#costs.isStopped(part) !== works) return
    if (works) {
      this.#costs.resume(part, this.#now)
      this.tracker.interruptions.end(part, this.#now)
    } else {
      this.#costs.stop(part, this.#now)
      this.tracker.interruptions.begin(part, this.#now)
    }
  }

  /** A pod was bound at its first try: it waited for that as long as nobody could schedule it. */
  #bound(pod: PodRow): void {
    const until = this.#now
    const createdAt = this.#parts.sources.pods.table.createdAt(pod)
    const waited = this.tracker.interruptions.within('scheduler', createdAt, until)
    if (waited === 0) return
    this.#waits.waited({ client: 'scheduler', reason: 'unavailable', from: until - waited, until })
  }

  /** How a workload stands, by `Kind namespace/name`. */
  #stateOf(workload: string): WorkloadState | undefined {
    const [kind = '', key = ''] = workload.split(' ')
    const [namespace = '', name = ''] = key.split('/')
    const { groups, restartsOf } = this.#parts
    const group = groups.find({ namespace, kind, name })
    if (group === undefined) return undefined
    return { shortage: groups.shortage(group, this.#now), restarts: restartsOf(group) }
  }

  #ailChanged(
    node: NodeRow,
    ail: { readonly ailment: 'slow' | 'diskFull'; readonly cause: string },
    begins: boolean,
  ): void {
    if (begins) this.tracker.began(node, ail, this.#now)
    else this.tracker.ended(node, ail, this.#now, this.#parts.meter.byNode.on(node))
  }

  #describe(row: PodRow): FollowedPod {
    const { sources, notes, meter } = this.#parts
    const { pods } = sources
    const { table } = pods
    const info = pods.infoOf(row)
    const { namespace, labels } = info.template.metadata
    const node = table.node(row)
    return {
      owner: table.owner(row),
      group: notes.group(row),
      name: table.ownerKind(row) === 'StatefulSet' ? pods.nameOf(row) : '',
      ordinal: table.ordinal(row),
      namespace,
      labels,
      cpu: table.cpu(row),
      isNodeGone: node !== NO_NODE && sources.nodeRows.nodeOf(node) === undefined,
      lostWork: node === NO_NODE ? 0 : meter.workAtRisk(row),
      stays: this.#staysOf(info),
    }
  }

  #staysOf(info: TemplateInfo): boolean {
    let stays = this.#stays.get(info)
    if (stays === undefined) {
      stays = tolerationTime(UNREACHABLE, info.tolerations).action === 'keep'
      this.#stays.set(info, stays)
    }
    return stays
  }
}
