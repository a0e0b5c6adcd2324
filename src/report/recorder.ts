import { assert } from '../base/assert.ts'
import { qosClassOf } from '../api/qos.ts'
import type { QosClass } from '../api/qos.ts'
import type { ContainerStatus } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { WrittenObject } from '../cluster/api-server.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { TemplateInfo } from '../cluster/template-registry.ts'
import type { Decision } from '../scheduler/decision.ts'
import { PREEMPTED } from '../cluster/pod-reason.ts'
import { Backlog } from './backlog.ts'
import { writeNodes, writeRollouts, writeWorkloads } from './closing-tables.ts'
import { NODES, NODES_READY, PENDING_PODS, clusterSums } from './cluster-sums.ts'
import { writeDecision, writeNodeDecisions } from './decision-rows.ts'
import { DemandProfile } from './demand-profile.ts'
import { desiredReplicas } from './desired-replicas.ts'
import type { Manifest } from './manifest.ts'
import { nodeFacts } from './node-facts.ts'
import { NodeLedger } from './node-ledger.ts'
import { NodeRecorder } from './node-recorder.ts'
import { secondsText } from './number-text.ts'
import { PackingMeter } from './packing.ts'
import { ContainerWork } from './container-work.ts'
import { ContainerLives } from './container-lives.ts'
import { PodLives } from './pod-lives.ts'
import { PodMeter } from './pod-meter.ts'
import { PodNotes } from './pod-notes.ts'
import { PodRecorder } from './pod-recorder.ts'
import { PodRows } from './pod-rows.ts'
import { ReplicaTable } from './replica-table.ts'
import { RecoveryRecorder } from './recovery/recovery-recorder.ts'
import { writeFailures, writeRecoveries } from './recovery/recovery-tables.ts'
import { Rollouts } from './rollouts.ts'
import type { RunCounts, RunMeasures } from './run-measures.ts'
import type { RunOutputs } from './run-outputs.ts'
import { SampledMean } from './sampled-mean.ts'
import { noteSplitBrains } from './split-brain-events.ts'
import type { RecorderSources, ReportedEvent } from './sources.ts'
import { summarize } from './summary.ts'
import type { Summary } from './summary.ts'
import { TimeSeries } from './time-series.ts'
import type { TimeIntegrals } from './time-integral.ts'
import { GROUP_LOST_WORK, WorkloadGroups } from './workload-groups.ts'
import { JobOutcomes, measureWorkloads } from './workload-measures.ts'

/** How a recorder measures. */
export interface RecorderOptions {
  /** Length of a row of timeseries.csv, above 0. */
  readonly interval: Micros
  /** Time at the start that means, peaks, latencies and availability leave out. */
  readonly warmUp: Micros
}

/**
 * Measures a run while it happens, and writes what it measured.
 *
 * Hears of pods, decisions and machines inside the change, of nodes by watch; keeps sums and columns, and no
 * object for a pod. Each change costs O(1); once an interval it looks at the nodes. It writes nothing to the
 * API server and sets no timer: an interval is closed at the first change after its end, with the state that
 * stood at its end.
 */
export class Recorder {
  readonly #sources: RecorderSources
  readonly #options: RecorderOptions
  readonly #outputs: RunOutputs | undefined
  readonly #sums: TimeIntegrals
  readonly #nodes: NodeLedger
  readonly #groups: WorkloadGroups
  readonly #lives: PodLives
  readonly #containerLives: ContainerLives
  readonly #rollouts = new Rollouts()
  readonly #replicas: ReplicaTable | undefined
  readonly #jobs = new JobOutcomes()
  readonly #demand = new DemandProfile()
  readonly #packing: PackingMeter
  readonly #recovery: RecoveryRecorder
  readonly #nodeRecorder: NodeRecorder
  readonly #backlog: Backlog
  readonly #series: TimeSeries
  readonly #meter: PodMeter
  readonly #notes: PodNotes
  readonly #podRecorder: PodRecorder
  readonly #counts: RunCounts = noCounts()
  /** Attempts by plugin: an attempt counts for each plugin that rejected the pod on some node. */
  readonly #unschedulableBy = new Map<string, number>()
  readonly #strandedCpu = new SampledMean()
  readonly #strandedMemory = new SampledMean()
  readonly #fragmented = new SampledMean()
  readonly #fragmentedFree = new SampledMean()
  #sampleAt: Micros
  #lostWork = 0
  readonly #containerWork: ContainerWork
  #isFinished = false

  /** Starts to listen; call it before anything happens. Without `outputs` it measures and writes no file. */
  constructor(sources: RecorderSources, options: RecorderOptions, outputs?: RunOutputs) {
    assert(options.interval > 0, 'a report interval is 0')
    const { pods, nodeRows, clock } = sources
    const { warmUp } = options
    this.#sources = sources
    this.#options = options
    this.#outputs = outputs
    this.#sums = clusterSums(warmUp)
    this.#nodes = new NodeLedger(this.#sums, {
      warmUp,
      describe: (row) => {
        const node = nodeRows.nodeOf(row)
        return { name: nodeRows.nameOf(row), facts: node === undefined ? undefined : nodeFacts(node) }
      },
    })
    this.#groups = new WorkloadGroups(warmUp, sources.workloadOf)
    this.#lives = new PodLives(pods, (row, status) => this.#noteRestart(row, status))
    this.#packing = new PackingMeter(this.#nodes, this.#demand)
    this.#backlog = new Backlog(warmUp)
    this.#series = new TimeSeries(outputs?.timeseries, this.#sums, this.#counts)
    this.#sampleAt = options.interval
    this.#replicas = outputs && new ReplicaTable(outputs.replicas, options.interval)
    const notes = new PodNotes()
    this.#notes = notes
    this.#containerWork = new ContainerWork(pods.table, (row, amount) => {
      this.#workLost(row, amount)
      if (!this.#recovery.tracker.isIdle) this.#recovery.tracker.workLost(row, amount)
    })
    this.#containerLives = new ContainerLives(clock, pods.table, (row) => notes.group(row))
    this.#meter = new PodMeter({
      pods,
      notes,
      sums: this.#sums,
      nodes: this.#nodes,
      groups: this.#groups,
      demand: this.#demand,
      qosOf,
      listener: {
        servingChanged: (row, isServing) => {
          const { tracker } = this.#recovery
          if (tracker.isIdle) return
          tracker.watches.servingChanged(notes.group(row))
          if (isServing) tracker.serving(row, clock.now)
        },
        workLost: (row, amount) => this.#workLost(row, amount),
      },
    })
    const note = (event: ReportedEvent): void => this.note(event)
    const restartsOf = (group: number): number => this.#lives.of(group).restarts
    const [groups, meter] = [this.#groups, this.#meter]
    const recovery = new RecoveryRecorder({ sources, notes, groups, meter, restartsOf })
    this.#recovery = recovery
    const common = { nodeRows, nodes: this.#nodes, meter, recovery, counts: this.#counts, note }
    this.#nodeRecorder = new NodeRecorder({
      ...common,
      isTerminated: (row) => sources.machines?.isTerminated(row) === true,
    })
    this.#podRecorder = new PodRecorder({
      ...common,
      pods,
      notes,
      groups,
      lives: this.#lives,
      rows:
        outputs?.pods === undefined ? undefined : new PodRows(outputs.pods, { pods, nodeRows, notes, meter }),
      clock,
      warmUp,
    })
    this.#listen()
  }

  /**
   * Tells of something that the recorder cannot see for itself, for events.csv: an admission refusal, a
   * scaling.
   */
  note(event: ReportedEvent): void {
    const at = secondsText(this.#sources.clock.now)
    this.#recovery.noted(event)
    this.#outputs?.events.row([at, event.kind, event.object, event.node, event.reason, event.message])
  }

  /** Tells that a pod waits for its volumes on its node, or has them. */
  volumesAwaited(pod: PodRow, waits: boolean): void {
    this.#recovery.volumesAwaited(pod, waits)
  }

  /** Ends the measurement at the present instant, writes all files and returns the summary; called once. */
  finish(manifest: Manifest): Summary {
    assert(!this.#isFinished, 'a recorder was finished twice')
    this.#isFinished = true
    this.#advance()
    if (this.#sums.now > this.#series.writtenUntil) this.#sample()
    this.#nodes.close()
    this.#podRecorder.close()
    this.#groups.close(this.#sums.now)
    this.#recovery.close()
    const measures = this.#measures()
    const summary = summarize(measures)
    if (this.#outputs === undefined) return summary
    this.#podRecorder.writeRest()
    writeNodes(this.#outputs.nodes, this.#nodes)
    const lives = { pods: this.#lives, containers: this.#containerLives }
    writeWorkloads(this.#outputs.workloads, this.#groups.sorted(), lives, this.#sums.measured)
    this.#replicas?.close(this.#sums.now)
    writeRollouts(this.#outputs.rollouts, this.#rollouts.all)
    writeFailures(this.#outputs.failures, measures.failures, (node) => this.#sources.nodeRows.nameOf(node))
    writeRecoveries(this.#outputs.recovery, measures.failures, (group) => this.#groups.nameOf(group))
    this.#outputs.finish(summary, manifest)
    return summary
  }

  #listen(): void {
    const { clock, pods, nodeRows, machines, kubelets, schedulers = [], watch } = this.#sources
    pods.observe((event, row) => {
      if (clock.now !== this.#sums.now) this.#advance()
      this.#nodes.catchUp(nodeRows.used)
      this.#podRecorder.podWritten(event, row)
    })
    for (const scheduler of schedulers) scheduler.observe((decision) => this.#decided(decision))
    this.#sources.observeObjects?.((change) => this.#objectWritten(change))
    machines?.observe((change) => {
      this.#advance()
      this.#nodeRecorder.machineChanged(change)
      this.#countNodes()
    })
    kubelets?.workers?.observe(this.#containerLives)
    kubelets?.workers?.observe(this.#containerWork)
    if (kubelets !== undefined) noteSplitBrains(kubelets, nodeRows, (event) => this.note(event))
    kubelets?.onWorkingSet((node) => {
      this.#advance()
      this.#nodes.setUse(node, kubelets.workingSet(node))
    })
    watch({
      name: 'report',
      from: 1,
      kinds: ['Node'],
      onObject: (change) => {
        this.#advance()
        this.#nodeRecorder.nodeChanged(change, this.#sums.now, this.#sums.now === 0)
        this.#countNodes()
      },
    })
  }

  #countNodes(): void {
    const sums = this.#sums
    this.#replicas?.nodesChanged({ current: sums.value(NODES), ready: sums.value(NODES_READY) }, sums.now)
  }

  #workLost(row: PodRow, amount: number): void {
    this.#lostWork += amount
    this.#groups.add(this.#notes.group(row), GROUP_LOST_WORK, amount)
  }

  #objectWritten(change: WrittenObject): void {
    const { now } = this.#sources.clock
    this.#rollouts.written(change, now)
    this.#replicas?.written(change, now)
    this.#recovery.objectWritten(change)
    const end = this.#jobs.written(change)
    if (end !== undefined) this.#recovery.jobEnded(change.key)
    if (end?.type === 'Failed') {
      const { reason = '', message = '' } = end
      this.note({ kind: 'JobFailed', object: change.key, node: '', reason, message })
    }
    const replicas = desiredReplicas(change)
    if (replicas === undefined) return
    const [namespace = '', name = ''] = change.key.split('/')
    const workload = { namespace, kind: change.kind, name }
    if (change.object === undefined) this.#groups.workloadDeleted(workload, now)
    else this.#groups.setDesired(workload, now, replicas)
    this.#recovery.desired(workload, change.object === undefined ? undefined : replicas)
  }

  /** Brings the sums to the present instant, and closes the intervals that have ended on the way. */
  #advance(): void {
    const { now } = this.#sources.clock
    if (now === this.#sums.now) return
    for (; this.#sampleAt <= now; this.#sampleAt += this.#options.interval) {
      this.#moveTo(this.#sampleAt)
      this.#sample()
    }
    this.#moveTo(now)
  }

  #moveTo(now: Micros): void {
    if (now > this.#sums.now) this.#backlog.stood(this.#sums.value(PENDING_PODS), this.#sums.now, now)
    this.#sums.advance(now)
  }

  #sample(): void {
    const sample = this.#packing.sample()
    this.#series.endInterval(sample, { use: this.#sources.kubelets !== undefined, gpus: this.#nodes.hasGpus })
    if (this.#sums.now < this.#options.warmUp) return
    this.#strandedCpu.add(sample.strandedCpuShare)
    this.#strandedMemory.add(sample.strandedMemoryShare)
    this.#fragmented.add(sample.fragmentedGpuShare)
    this.#fragmentedFree.add(sample.fragmentedFreeGpuShare)
  }

  #decided(decision: Decision): void {
    this.#advance()
    const counts = this.#counts
    const { outcome } = decision
    counts.attempts += 1
    this.#podRecorder.decided(decision.pod, decision.attempt, outcome === 'bound')
    this.#recovery.decided(decision)
    if (outcome === 'error') counts.bindErrors += 1
    if (outcome === 'unschedulable' || outcome === 'nominated') {
      counts.unschedulable += 1
      for (const plugin of decision.rejectedBy) {
        this.#unschedulableBy.set(plugin, (this.#unschedulableBy.get(plugin) ?? 0) + 1)
      }
    }
    if (outcome === 'nominated') this.#preempted(decision)
    const { decisions, nodeDecisions } = this.#outputs ?? {}
    if (decisions === undefined && nodeDecisions === undefined) return
    const { pods, nodeRows, clock } = this.#sources
    const parts = { now: clock.now, pods, nodeRows }
    if (decisions !== undefined) writeDecision(decisions, decision, parts)
    if (nodeDecisions !== undefined) writeNodeDecisions(nodeDecisions, decision, parts)
  }

  #preempted(decision: Decision): void {
    const { pods, nodeRows } = this.#sources
    this.#counts.nominations += 1
    this.#counts.victims += decision.victims.length
    const node = decision.node === NO_NODE ? '' : nodeRows.nameOf(decision.node)
    for (const victim of decision.victims) {
      const message = `preempted by ${pods.keyOf(decision.pod)}`
      this.note({ kind: 'Preemption', object: pods.keyOf(victim), node, reason: PREEMPTED, message })
    }
  }

  #noteRestart(row: PodRow, { name, restartCount, lastState }: ContainerStatus): void {
    const { pods, nodeRows } = this.#sources
    const { reason = '', exitCode } = lastState?.terminated ?? {}
    const ended = exitCode === undefined ? '' : `, ended with exit code ${exitCode}`
    const message = `container ${name}${ended}, restart ${restartCount}`
    const node = pods.table.node(row)
    const nodeName = node === NO_NODE ? '' : nodeRows.nameOf(node)
    this.note({ kind: 'ContainerRestart', object: pods.keyOf(row), node: nodeName, reason, message })
  }

  #measures(): RunMeasures {
    const { table } = this.#sources.pods
    const { latency, attempts, evictionsBy } = this.#podRecorder
    const waiting = this.#podRecorder
      .livingRows()
      .filter((row) => table.node(row) === NO_NODE && this.#podRecorder.attemptsOf(row) === 0)
    return {
      endedAt: this.#sums.now,
      warmUp: this.#options.warmUp,
      sums: this.#sums,
      counts: this.#counts,
      neverConsidered: waiting.length,
      hasUse: this.#sources.kubelets !== undefined,
      hasGpus: this.#nodes.hasGpus,
      hasPrices: this.#nodes.hasPrices,
      latency,
      attempts: attempts.measure,
      availability: this.#groups.availability,
      unschedulableBy: this.#unschedulableBy,
      evictionsBy,
      backlog: this.#backlog.end(this.#sums.value(PENDING_PODS), this.#sums.now),
      stranded: { cpu: this.#strandedCpu.measure, memory: this.#strandedMemory.measure },
      fragmented: { ofAll: this.#fragmented.measure, ofFree: this.#fragmentedFree.measure },
      failures: this.#recovery.outcomes(),
      blockedEvictions: this.#recovery.blockedEvictions,
      usefulWork: this.#meter.usefulWork + this.#containerWork.useful,
      lostWork: this.#lostWork,
      workloads: measureWorkloads(this.#rollouts.all, this.#jobs, this.#groups.sorted(), this.#lives),
    }
  }
}

/** Pods that bring their own size say their class by it; others by their containers. */
function qosOf(info: TemplateInfo): QosClass {
  const { sizing, spec } = info.template
  if (sizing === 'guaranteed') return 'Guaranteed'
  if (sizing === 'best-effort') return 'BestEffort'
  return sizing === 'requests' ? 'Burstable' : qosClassOf({ spec })
}

function noCounts(): RunCounts {
  return {
    podsCreated: 0,
    podsBound: 0,
    podsSucceeded: 0,
    podsFailed: 0,
    podsDeleted: 0,
    attempts: 0,
    unschedulable: 0,
    bindErrors: 0,
    nominations: 0,
    victims: 0,
    evictions: 0,
    refusals: 0,
    machineFailures: 0,
  }
}
