import type { Micros } from '../base/time.ts'
import type { QuantileSketch } from './quantile-sketch.ts'
import type { ClosedFailure } from './recovery/recovery-recorder.ts'
import type { TimeIntegrals } from './time-integral.ts'
import type { WorkloadMeasures } from './workload-measures.ts'

/** Numbers counted one by one over the whole run, the warm-up included. */
export interface RunCounts {
  podsCreated: number
  podsBound: number
  podsSucceeded: number
  podsFailed: number
  /** Pods that were deleted before they finished. */
  podsDeleted: number
  attempts: number
  unschedulable: number
  bindErrors: number
  /** Decisions that nominated a node, with or without victims. */
  nominations: number
  victims: number
  evictions: number
  refusals: number
  machineFailures: number
}

/** The backlog of pending pods at its worst. */
export interface BacklogMeasure {
  /** Pods; 0 when no pod ever waited. */
  readonly peak: number
  readonly peakAt: Micros | undefined
  /** First instant after the peak without a pending pod. */
  readonly drainedAt: Micros | undefined
}

/** Mean of values taken after the warm-up, and the greatest of them; undefined without any. */
export interface SampledMeasure {
  readonly mean: number | undefined
  readonly peak: number | undefined
}

/** All that the summary is made from. */
export interface RunMeasures {
  readonly endedAt: Micros
  readonly warmUp: Micros
  readonly sums: TimeIntegrals
  readonly counts: Readonly<RunCounts>
  /** Pending pods at the end that no scheduler ever looked at. */
  readonly neverConsidered: number
  /** Whether anything told the report what is in use. */
  readonly hasUse: boolean
  readonly hasGpus: boolean
  /** Whether it is known of any node what it costs. */
  readonly hasPrices: boolean
  readonly latency: {
    /** Microseconds from creation to binding. */
    readonly toBound: QuantileSketch
    /** Microseconds from binding to running. */
    readonly toRunning: QuantileSketch
  }
  /** Attempts that a pod took until it was bound. */
  readonly attempts: SampledMeasure
  /** Time that pods served over time that they were wanted; undefined when none was wanted. */
  readonly availability: number | undefined
  readonly unschedulableBy: ReadonlyMap<string, number>
  /** Keys are `class_cause`. */
  readonly evictionsBy: ReadonlyMap<string, number>
  readonly backlog: BacklogMeasure
  readonly stranded: { readonly cpu: SampledMeasure; readonly memory: SampledMeasure }
  readonly fragmented: { readonly ofAll: SampledMeasure; readonly ofFree: SampledMeasure }
  readonly failures: readonly ClosedFailure[]
  /** Evictions that budgets refused. */
  readonly blockedEvictions: number
  /** Millicores times microseconds. */
  readonly usefulWork: number
  readonly lostWork: number
  /** Undefined when there were no workloads. */
  readonly workloads: WorkloadMeasures | undefined
}
