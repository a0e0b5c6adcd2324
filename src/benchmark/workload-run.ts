import { setImmediate as yieldToEvents } from 'node:timers/promises'

import { MINUTE } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { StopReason } from '../engine/simulation.ts'
import type { Decision } from '../scheduler/decision.ts'
import { WorkloadFailure, createNamespace, startCluster } from './cluster.ts'
import type { BenchmarkCluster, ClusterOptions } from './cluster.ts'
import { ObjectTemplates } from './object-templates.ts'
import { startResourceClaimController } from '../controllers/resource-claims.ts'
import { PodCounter } from './pod-counter.ts'
import type { PodGoal } from './pod-counter.ts'
import { PodFactory } from './pod-factory.ts'
import { Section } from './section.ts'
import type { SectionOptions, SectionResult } from './section.ts'

/** Clocks of the machine and the wish to stop: what a simulation may not look at itself. */
export interface MeasuringHooks {
  /** Processor time that this process has used, in seconds. */
  readonly cpuSeconds: () => number
  /** A clock that only goes on, in milliseconds. */
  readonly milliseconds: () => number
  readonly signal: AbortSignal
  readonly onProgress: (progress: WorkloadProgress) => void
}

/** How far a workload is. */
export interface WorkloadProgress {
  readonly operation: number
  readonly operations: number
  readonly opcode: string
  readonly now: Micros
  readonly bound: number
  /** Pods that the present operation waits for, and how many of them are there. */
  readonly wanted: number
  readonly reached: number
}

/** The user stopped the benchmark. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** Longest wait for pods, as in scheduler_perf. */
const WAIT_MAX: Micros = 10 * MINUTE

/** Events between two looks at the clocks. */
const SLICE = 200

/** Slices, and milliseconds, between two looks at the signal and two reports of progress. */
const SLICES_MAX = 25
const QUIET_MS = 50

/** One workload under way: its cluster, what it waits for, what is measured. Operations act on it. */
export class WorkloadRun {
  readonly name: string
  readonly cluster: BenchmarkCluster
  readonly templates = new ObjectTemplates()
  readonly pods: PodFactory
  /** Pods by namespace that were created and not waited for: barriers look at them. */
  readonly unawaited = new Map<string, number>()
  readonly sections: SectionResult[] = []
  /** Pods that operations waited for. */
  expected = 0
  /** Those of them that came. */
  reached = 0
  attempts = 0
  victims = 0
  cpuSeconds = 0
  /** The operation under way, for progress. */
  operation = { index: 0, count: 0, opcode: '' }
  readonly #counter: PodCounter
  readonly #hooks: MeasuringHooks
  readonly #firstAttempt = new Map<number, Micros>()
  #section: Section | undefined
  #lastMark = 0
  #slices = 0
  #shownAt = 0
  #goal: { readonly wanted: number; readonly count: () => number } | undefined

  constructor(name: string, options: ClusterOptions, hooks: MeasuringHooks) {
    this.name = name
    this.cluster = startCluster(options)
    this.pods = new PodFactory(this.cluster, this.templates)
    this.#counter = new PodCounter(this.cluster.api.pods, this.cluster.scheduler)
    this.#hooks = hooks
    startResourceClaimController(this.cluster.api)
    this.cluster.scheduler.observe((decision) => this.#decided(decision))
  }

  /** Bindings so far. */
  get bound(): number {
    return this.#counter.bound
  }

  /** Creates the namespace of an operation where it is not there yet, and counts its pods from now on. */
  useNamespace(name: string): void {
    createNamespace(this.cluster, name)
    if (!this.unawaited.has(name)) this.unawaited.set(name, 0)
  }

  /** Waits until so many pods are as far as the goal says. Throws `WorkloadFailure` after ten simulated minutes. */
  async waitFor(goal: PodGoal): Promise<void> {
    const { sim } = this.cluster
    const counter = this.#counter.open(goal, () => sim.stop())
    this.#goal = { wanted: goal.wanted, count: counter.count }
    const deadline = sim.now + WAIT_MAX
    while (counter.count() < goal.wanted && sim.now < deadline) await this.#slice(deadline)
    const count = counter.count()
    counter.close()
    this.#goal = undefined
    if (goal.stage === 'Scheduled') {
      this.expected += goal.wanted
      this.reached += Math.min(count, goal.wanted)
    }
    if (count >= goal.wanted) return
    const stage = goal.stage === 'Scheduled' ? 'scheduled' : 'attempted'
    throw new WorkloadFailure(
      `${count} of ${goal.wanted} pods in namespace ${goal.namespace} were ${stage} after 10m`,
    )
  }

  /** Lets simulated time go by. */
  async advance(span: Micros): Promise<void> {
    const until = this.cluster.sim.now + span
    while ((await this.#slice(until)) === 'paused' || this.cluster.sim.now < until);
  }

  /** Begins to measure. Throws `WorkloadFailure` when it does so already. */
  startSection(options: Omit<SectionOptions, 'startedAt'>): void {
    if (this.#section !== undefined) throw new WorkloadFailure('two measured sections overlap')
    this.#section = new Section({ ...options, startedAt: this.cluster.sim.now })
  }

  endSection(): void {
    if (this.#section === undefined) throw new WorkloadFailure('no measured section was started')
    this.sections.push(this.#section.end(this.cluster.sim.now))
    this.#section = undefined
  }

  /** Runs events up to the time, or to the end of a slice, or until the goal is reached. */
  async #slice(until: Micros): Promise<StopReason> {
    const { cpuSeconds, milliseconds, signal, onProgress } = this.#hooks
    const before = cpuSeconds()
    this.#lastMark = milliseconds()
    const reason = this.cluster.sim.run(until, SLICE)
    const used = Math.max(0, cpuSeconds() - before)
    this.cpuSeconds += used
    this.#section?.addCpu(used)
    this.#slices += 1
    if (this.#slices < SLICES_MAX && milliseconds() - this.#shownAt < QUIET_MS) return reason
    this.#slices = 0
    this.#shownAt = milliseconds()
    onProgress({
      operation: this.operation.index,
      operations: this.operation.count,
      opcode: this.operation.opcode,
      now: this.cluster.sim.now,
      bound: this.bound,
      wanted: this.#goal?.wanted ?? 0,
      reached: this.#goal?.count() ?? 0,
    })
    await yieldToEvents()
    if (signal.aborted) throw new Interrupted()
    return reason
  }

  #decided(decision: Decision): void {
    const { api, sim, options } = this.cluster
    this.attempts += 1
    this.victims += decision.victims.length
    const serial = api.pods.table.serial(decision.pod)
    const firstAttempt = this.#firstAttempt.get(serial) ?? sim.now
    if (decision.outcome === 'bound') this.#firstAttempt.delete(serial)
    else this.#firstAttempt.set(serial, firstAttempt)
    if (this.#section === undefined) return
    const mark = this.#hooks.milliseconds()
    this.#section.decided(decision.outcome, Math.max(0, mark - this.#lastMark))
    this.#lastMark = mark
    if (decision.outcome !== 'bound') return
    // The cycle that bound it takes its time as well.
    const begun = firstAttempt - options.cycleTime
    this.#section.podBound(api.pods.infoOf(decision.pod).template, sim.now, begun)
  }
}
