import type { RandomStream } from '../base/random.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Handler, Simulation } from '../engine/simulation.ts'
import { Binder } from './binder.ts'
import type { WaitEnded } from './binder.ts'
import { Cycle } from './cycle.ts'
import { beginDecision, emptyDecision, noteRejection, noteSearch } from './decision.ts'
import type { Decision, DecisionObserver, DecisionTold } from './decision.ts'
import { EventHandlers, WATCHED_POD_EVENTS } from './event-handlers.ts'
import { Explanation } from './explanation.ts'
import { ExtenderFailure, Extenders } from './extenders.ts'
import { Failures } from './failures.ts'
import type { KnownFailure } from './failures.ts'
import { FlushTimer } from './flush-timer.ts'
import type { NodeIndex } from './framework/node-columns.ts'
import { Nominator } from './nominator.ts'
import type { NumberTrials } from './number-trials.ts'
import { namedError } from './plugin-call.ts'
import { Profile } from './profile.ts'
import { PodGroupScheduler } from './pod-group-scheduler.ts'
import { memberGroupOf } from './pod-groups.ts'
import { writeAfterPostFilter } from './pre-bind.ts'
import { queueSortOf } from './queue-sort.ts'
import { SchedulingQueue } from './queue.ts'
import { Repeats } from './repeats.ts'
import { restartQueue } from './restart-queue.ts'
import type { QueuedGroup } from './queued-group.ts'
import type { QueuedPod } from './queued-pod.ts'
import { SchedulerCluster } from './scheduler-cluster.ts'
import { bindingClient } from './scheduler-options.ts'
import type { SchedulerOptions } from './scheduler-options.ts'
import { NodePicker } from './node-picker.ts'
import type { Answered } from './node-picker.ts'
import { runPostFilters } from './trial-runner.ts'
import { WATCHED_KINDS } from './watched-kinds.ts'

export type { SchedulerOptions } from './scheduler-options.ts'

const NO_PLUGINS: readonly string[] = Object.freeze([])

/**
 * kube-scheduler: watches pods and nodes, takes pods from its queue one by one, and binds each or sets it aside.
 * A view of the store: what it knows it heard by watch, and what it assumed of its own bindings.
 */
export class Scheduler {
  readonly cluster: SchedulerCluster
  readonly queue: SchedulingQueue
  readonly profiles: ReadonlyMap<string, Profile>
  readonly #sim: Simulation
  readonly #api: ApiServer
  readonly #options: SchedulerOptions
  readonly #cycle: Cycle
  readonly #picker: NodePicker
  readonly #offsets: RandomStream
  readonly #observers: DecisionObserver[] = []
  #attendant: (pod: PodRow) => boolean
  readonly #flushTimer: FlushTimer
  readonly #nextCycle: Handler
  #isBusy = false
  #isPaused = false
  readonly #handlers: EventHandlers
  readonly #explanation: Explanation
  readonly #failures: Failures
  /** Failures of pods that nobody can be preempted for. */
  readonly repeats: Repeats
  readonly #binder: Binder
  readonly #nominator: Nominator
  readonly #podGroups: PodGroupScheduler
  readonly #isHopelessGroup = (group: QueuedGroup): boolean => this.#podGroups.isHopeless(group)
  readonly #told: DecisionTold = {
    message: () => this.#explanation.messageFor(this.#decision, this.queue),
    verdicts: () => this.#picker.verdicts(),
  }
  readonly #decision: Decision = emptyDecision(this.#told)

  constructor(sim: Simulation, api: ApiServer, options: SchedulerOptions) {
    this.#sim = sim
    this.#api = api
    this.#options = options
    this.#attendant = () => options.keepsDetails ?? false
    this.cluster = new SchedulerCluster(api)
    const { groups } = this.cluster
    this.profiles = new Map(
      options.profiles.map((draft) => [draft.schedulerName, new Profile(draft, this.cluster.nodes)]),
    )
    const queue = { ...options.queue, groups, ...queueSortOf(this.profiles, groups) }
    this.queue = new SchedulingQueue(queue, this.cluster)
    api.pods.templates.onForgotten((template) => {
      for (const profile of this.profiles.values()) profile.forget(template)
    })
    this.#cycle = new Cycle(this.cluster, new Extenders(options.extenders))
    this.#picker = new NodePicker(this.#cycle, {
      percentageOfNodesToScore: options.percentageOfNodesToScore,
      tieBreak: options.tieBreak,
      ties: sim.random.stream('scheduler/ties'),
      usesIndex: options.usesIndex ?? true,
      keepsDetails: options.keepsDetails ?? false,
      batches: options.batches ?? false,
      clock: () => sim.now,
    })
    this.#explanation = new Explanation(this.#cycle, this.#picker)
    this.#failures = new Failures(this.cluster, this.#picker)
    this.repeats = new Repeats(this.cluster, this.#cycle.extenders, this.#failures, this.#picker)
    const parts = { cluster: this.cluster, queue: this.queue, groups }
    this.#binder = new Binder(sim, parts, {
      client: bindingClient(sim, api, options.clientLimits),
      ended: (pod, row, end) => this.#waitEnded(pod, row, end),
      after: () => this.#run(),
      bindByExtender: (row, node) => void this.#cycle.extenders.bind(this.#cycle, row, node),
    })
    this.#nominator = new Nominator({ ...parts, binder: this.#binder, failures: this.#failures, clock: sim })
    this.#podGroups = new PodGroupScheduler(
      {
        ...parts,
        clock: sim,
        binder: this.#binder,
        nominator: this.#nominator,
        cycle: this.#cycle,
        picker: this.#picker,
        failures: this.#failures,
        ties: sim.random.stream('scheduler/placement-ties'),
        hasPreemptionPolicy: options.hasGroupPreemptionPolicy ?? false,
      },
      {
        wantsVerdicts: (pod) => this.#attendant(pod),
        start: (pod) => this.#startDecision(pod),
        tell: this.#tell,
      },
    )
    this.#handlers = new EventHandlers({
      ...parts,
      clock: sim,
      profiles: this.profiles,
      binder: this.#binder,
      nominator: this.#nominator,
      failures: this.#failures,
    })
    this.#offsets = sim.random.stream('scheduler/preemption-offset')
    this.#flushTimer = new FlushTimer(sim, this.queue, () => this.#run())
    this.#nextCycle = sim.handler('scheduler/cycle', () => {
      this.#isBusy = false
      this.#run()
    })
    api.watch({
      name: 'scheduler',
      latency: options.watchLatency,
      from: 1,
      podEvents: WATCHED_POD_EVENTS,
      podEventsOnceFinished: 0,
      kinds: WATCHED_KINDS,
      onPod: this.#handlers.onPod,
      onObject: (change) => this.#handlers.onObject(change),
      onBatch: () => this.#run(),
    })
  }

  /** Pods that came with the name of a scheduler that is not configured: nobody looks at them. */
  get ignored(): number {
    return this.#handlers.ignored
  }

  /** How many times each way found the node of a pod, or that there is none. */
  get answered(): Answered {
    return this.#picker.answered
  }

  /** `namespace/name` of the pod that is decided on, or was last; undefined before the first. */
  get decidingPod(): string | undefined {
    const { pod, attempt } = this.#decision
    return attempt === 0 ? undefined : this.cluster.shapes.keyOf(pod)
  }

  /** Hears of each pod before its cycle, and says whether the decision's `verdicts` is to tell of each node. */
  attend(attendant: (pod: PodRow) => boolean): void {
    this.#attendant = attendant
  }

  /** Registers a measuring instrument. */
  observe(observer: DecisionObserver): void {
    this.#observers.push(observer)
  }

  /**
   * Runs the body with the view as it is when the pod is tried: pods of its PodGroup that are tried before it are in their
   * places. The body is told why the group is not scheduled; nothing when it would be, or when there is none.
   */
  amongGroup<Result>(pod: PodRow, body: (whyNot: string) => Result): Result {
    const queued = this.queue.get(pod)
    return queued?.podGroup === undefined ? body('') : this.#podGroups.among(queued, body)
  }

  /** Stops between two cycles, as a scheduler that does not lead, or goes on. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#binder.setPaused(isPaused)
    if (!isPaused) this.#run()
  }

  /** Another process leads: it has its own queue. */
  restart(): void {
    this.#binder.abandon()
    restartQueue(this.queue, this.#sim.now)
  }

  /** Decides until the queue has nothing to try, or one pod, or group of pods, when a cycle takes time. */
  #run(): void {
    if (this.#isBusy || this.#isPaused) return
    const { cycleTime } = this.#options
    for (let tried = this.#scheduleNext(); tried > 0; tried = this.#scheduleNext()) {
      if (cycleTime === 0) continue
      this.#isBusy = true
      this.#sim.after(tried * cycleTime, this.#nextCycle)
      break
    }
    if (this.queue.takePassedOver()) this.#picker.passOver(this.cluster.order.length)
    if (!this.queue.isClear) this.#flushTimer.arm()
  }

  /**
   * Tries the next pod, or the pods of the next group, and says how many; 0 when there is nobody to try.
   *
   * Departs from Kubernetes: what is known to fail again is not taken early while it backs off, or waits, but the next pod
   * that is not. The real one takes it, for want of something better to do, and rejects it again.
   */
  #scheduleNext(): number {
    const { queue } = this
    if (queue.isClear) return 0
    const group = queue.popGroup(this.#isHopelessGroup, false)
    if (group !== undefined) return this.#podGroups.schedule(group)
    const pod = queue.pop(this.#sim.now, this.#failures)
    if (pod !== undefined) {
      this.#schedule(pod)
      return 1
    }
    const last = queue.popGroup(this.#isHopelessGroup, true)
    return last === undefined ? 0 : this.#podGroups.schedule(last)
  }

  #schedule(pod: QueuedPod): void {
    const { pods } = this.#api
    if (pods.isRemoved(pod.row) || pods.table.deletingAt(pod.row) !== NO_TIME) {
      this.queue.done(pod)
      return
    }
    const decision = this.#startDecision(pod)
    this.#picker.keepsDetails = this.#attendant(pod.row)
    try {
      if (!this.#placeBySize(pod, decision)) this.#repeatOrPick(pod, decision)
    } catch (error) {
      // An extender failed: no rejection, so the pod is tried again after its back-off, whatever happens.
      if (!(error instanceof ExtenderFailure)) throw namedError(error, this.cluster.shapes.keyOf(pod.row))
      this.#fail(pod, error.message, decision)
    }
    this.#tell()
    this.#binder.release()
  }

  readonly #tell = (): void => {
    for (const observer of this.#observers) observer(this.#decision)
  }

  /** Whether a pod that has no class of its own has been placed without one. */
  #placeBySize(pod: QueuedPod, decision: Decision): boolean {
    const { profile, kin, size } = pod
    const picked = size === undefined ? undefined : this.#picker.pickBySize(profile, kin, size)
    if (picked === undefined) return false
    noteSearch(decision, picked)
    this.#bind(pod, picked.node, decision)
    return true
  }

  #repeatOrPick(pod: QueuedPod, decision: Decision): void {
    const failure = this.#picker.keepsDetails ? undefined : this.#failures.known(pod)
    if (failure !== undefined) {
      this.#picker.passOver(failure.evaluated)
      this.#rejectPlainly(pod, { ...failure, rejectedBy: this.#failures.rejectedBy(pod) }, decision)
      return
    }
    const isAllowed = (this.#options.usesIndex ?? true) && !this.#picker.keepsDetails
    const repeat = isAllowed ? this.repeats.find(pod) : undefined
    if (repeat === undefined) {
      this.#pick(pod, decision)
      this.cluster.groups.markAll(this.#cycle.marks)
      return
    }
    this.#picker.passOver(repeat.evaluated)
    for (const bound of repeat.offsetBounds) this.#offsets.integer(bound)
    noteRejection(decision, repeat)
    this.queue.fail(pod, { rejectedBy: repeat.rejectedBy, pendingBy: NO_PLUGINS }, this.#sim.now)
  }

  #pick(pod: QueuedPod, decision: Decision): void {
    let picked = this.#picker.pick(pod.profile, pod.podClass, pod.row)
    if (picked.rejectedBy !== undefined) {
      const canPreempt = this.#failures.canPreempt(pod)
      if (!canPreempt && this.cluster.nominations.size === 0) {
        const failure = { rejectedBy: picked.rejectedBy, evaluated: picked.evaluated }
        this.#failures.remember(pod.podClass, failure)
        this.#rejectPlainly(pod, failure, decision)
        return
      }
      const trials = this.#binder.hasWaiting ? undefined : this.#picker.numberTrials(picked)
      if (trials !== undefined) {
        noteSearch(decision, picked)
        this.#explanation.isInCycle()
        this.#reject(pod, decision, trials)
        return
      }
      picked = this.#picker.pickByDefinition(pod.profile, pod.podClass, pod.row)
    }
    noteSearch(decision, picked)
    this.#explanation.isInCycle()
    const { error } = this.#cycle
    if (error !== undefined) {
      this.#fail(pod, `running "${error.plugin}" filter plugin: ${error.rejection.reasons.join()}`, decision)
    } else if (picked.node === NO_NODE) this.#reject(pod, decision)
    else this.#bind(pod, picked.node, decision)
  }

  /** A rejection without PostFilter's help: nothing but the queue changes. */
  #rejectPlainly(pod: QueuedPod, failure: KnownFailure, decision: Decision): void {
    noteRejection(decision, failure)
    const { now } = this.#sim
    const { cycleTime, groupsRejected = true } = this.#options
    // One of a group of pods frees room when it fails: without a back-off it would be tried again in the same instant.
    const isMember = memberGroupOf(pod.shape) !== undefined
    if (cycleTime === 0 && groupsRejected && !isMember) this.queue.setAside(pod, failure.rejectedBy, now)
    else this.queue.fail(pod, { rejectedBy: failure.rejectedBy, pendingBy: NO_PLUGINS }, now)
  }

  /** The pod cannot be decided on, or what PreBind writes would be refused: it is tried again after a back-off. */
  #fail(pod: QueuedPod, failure: string, decision: Decision): void {
    this.#explanation.failed(failure)
    decision.node = NO_NODE
    decision.outcome = 'error'
    this.#nominator.clear(pod.row)
    this.queue.fail(pod, { rejectedBy: NO_PLUGINS, pendingBy: NO_PLUGINS }, this.#sim.now)
  }

  #bind(pod: QueuedPod, node: NodeIndex, decision: Decision): void {
    const row = node as NodeRow
    const reserved = this.#picker.reserve(pod.kin, node)
    if (reserved.failure !== undefined) {
      this.#fail(pod, reserved.failure, decision)
      return
    }
    const end = this.#binder.place(pod, row, reserved)
    decision.node = end === 'error' || end === 'rejected' ? NO_NODE : row
    if (end === 'rejected') this.#explanation.lost(decision, this.#binder.takeRejection())
    else decision.outcome = end
  }

  /** A pod that waited with its node was bound, or has lost it. */
  #waitEnded(...[pod, node, end]: Parameters<WaitEnded>): void {
    const decision = this.#startDecision(pod)
    noteSearch(decision, { feasible: 0, evaluated: 0 })
    decision.node = end.outcome === 'bound' ? node : NO_NODE
    if (end.outcome === 'rejected') this.#explanation.lost(decision, end)
    else decision.outcome = end.outcome
    this.#tell()
  }

  #startDecision(pod: QueuedPod): Decision {
    beginDecision(this.#decision, pod, this.#told)
    this.#explanation.clear()
    return this.#decision
  }

  #reject(pod: QueuedPod, decision: Decision, trials?: NumberTrials): void {
    const rejectedBy = this.#cycle.rejectingPlugins()
    const wasNominated = this.cluster.nominations.nodeOf(pod.row) !== NO_NODE
    const { evaluated } = decision
    noteRejection(decision, { rejectedBy, evaluated })
    const offsetBounds: number[] = []
    // Where there is nobody to preempt, fast paths never come here: what is drawn for others must not hang on that.
    const isInVain = !this.#failures.canPreempt(pod)
    const offset = (bound: number): number => {
      if (isInVain) return 0
      offsetBounds.push(bound)
      return this.#offsets.integer(bound)
    }
    const result = runPostFilters(this.#cycle, { offset, isExhaustive: false, trials })
    if (result !== undefined) {
      this.#explanation.ended(result)
      writeAfterPostFilter(this.cluster, result)
      if (result.rejectsGroup !== undefined) this.#binder.giveUp(result.rejectsGroup)
      this.#nominator.apply(pod, result, decision)
    } else this.#nominator.clear(pod.row)
    this.repeats.remember(pod, result, { repeat: { rejectedBy, evaluated, offsetBounds }, wasNominated })
    this.queue.fail(pod, { rejectedBy, pendingBy: NO_PLUGINS }, this.#sim.now)
  }
}
