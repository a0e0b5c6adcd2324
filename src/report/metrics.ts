import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import {
  NODES,
  NODES_IN_USE,
  NODES_READY,
  NODE_PRICES,
  PENDING_PODS,
  RESOURCES,
  PODS_BY_QOS,
  QOS_CLASSES,
  RUNNING_PODS,
  USED_MEMORY_SHARE,
  startingPods,
} from './cluster-sums.ts'
import { toSeconds } from './metric.ts'
import type { Metric } from './metric.ts'
import { CAUSE_WORDS } from './recovery/causes.ts'
import type { Cause } from './recovery/causes.ts'
import type { FailureOutcome } from './recovery/failure-outcome.ts'
import type { QuantileSketch } from './quantile-sketch.ts'
import type { FailureRecord } from './sources.ts'
import type { RunMeasures, SampledMeasure } from './run-measures.ts'
import { exactStatistics } from './statistics.ts'

/** How one number of the summary is taken from what was measured. */
interface MetricDefinition extends Omit<Metric, 'value' | 'statistic'> {
  readonly statistic?: string
  readonly value: (measures: RunMeasures) => number | undefined
  /** Parts that the number divides into: each becomes a metric `name_by_part`. */
  readonly parts?: (measures: RunMeasures) => ReadonlyMap<string, number>
  /** Words for a part of something that people want to see as shares of the whole, on one line. */
  readonly partWords?: (part: string) => string
}

/** Millicores times microseconds in a cpu second. */
const WORK_IN_CPU_SECOND = 1e9

/** Microseconds in an hour. */
const HOUR = 3600e6

const NO_PARTS: ReadonlyMap<string, number> = new Map()

const RUN: readonly MetricDefinition[] = [
  one('Run', 'simulated_s', 's', 'simulated time', (run) => toSeconds(run.endedAt)),
  one('Run', 'warm_up_s', 's', 'warm-up left out of means', (run) => toSeconds(run.warmUp)),
]

const PODS: readonly MetricDefinition[] = [
  one('Pods', 'pods_submitted', 'pods', 'submitted', (run) => run.counts.podsCreated),
  one('Pods', 'pods_scheduled', 'pods', 'scheduled', (run) => run.counts.podsBound),
  one('Pods', 'pods_succeeded', 'pods', 'succeeded', (run) => run.counts.podsSucceeded),
  one('Pods', 'pods_failed', 'pods', 'failed', (run) => run.counts.podsFailed),
  one('Pods', 'pods_deleted', 'pods', 'deleted before they finished', (run) => run.counts.podsDeleted),
  one('Pods', 'pods_running_at_end', 'pods', 'running at the end', (run) => run.sums.value(RUNNING_PODS)),
  one('Pods', 'pods_starting_at_end', 'pods', 'starting at the end', (run) => startingPods(run.sums)),
  one('Pods', 'pods_pending_at_end', 'pods', 'pending at the end', (run) => run.sums.value(PENDING_PODS)),
  one('Pods', 'pods_never_considered', 'pods', 'pending, never looked at', (run) => run.neverConsidered),
  ...QOS_CLASSES.map((name, index) =>
    one('Pods', `bound_pods_mean_${name}`, 'pods', `bound, ${name}, mean`, (run) =>
      run.sums.mean(PODS_BY_QOS + index),
    ),
  ),
]

const SCHEDULING: readonly MetricDefinition[] = [
  ...latencies('created_to_bound', 'created to bound', (run) => run.latency.toBound),
  ...latencies('bound_to_running', 'bound to running', (run) => run.latency.toRunning),
  one('Scheduling', 'scheduling_attempts', 'attempts', 'attempts', (run) => run.counts.attempts),
  {
    ...one(
      'Scheduling',
      'attempts_per_pod_mean',
      'attempts',
      'attempts a bound pod',
      (run) => run.attempts.mean,
    ),
    statistic: 'mean',
  },
  {
    ...one(
      'Scheduling',
      'attempts_per_pod_max',
      'attempts',
      'attempts a bound pod',
      (run) => run.attempts.peak,
    ),
    statistic: 'max',
  },
  {
    ...one(
      'Scheduling',
      'unschedulable_attempts',
      'attempts',
      'unschedulable',
      (run) => run.counts.unschedulable,
    ),
    parts: (run) => run.unschedulableBy,
  },
  one('Scheduling', 'bind_errors', 'attempts', 'bindings refused', (run) => run.counts.bindErrors),
  one('Scheduling', 'preemptions', 'count', 'nominations by preemption', (run) => run.counts.nominations),
  one('Scheduling', 'preemption_victims', 'pods', 'preemption victims', (run) => run.counts.victims),
  one('Scheduling', 'pending_peak', 'pods', 'pending at once, at most', (run) => run.backlog.peak),
  one('Scheduling', 'pending_peak_at_s', 's', 'pending peak at', (run) => toSeconds(run.backlog.peakAt)),
  one(
    'Scheduling',
    'pending_area_pod_s',
    'pod_s',
    'time spent pending',
    (run) => run.sums.integral(PENDING_PODS) / 1e6,
  ),
  one('Scheduling', 'pending_drain_s', 's', 'from the pending peak to none', (run) => {
    const { peakAt, drainedAt } = run.backlog
    return peakAt === undefined || drainedAt === undefined ? undefined : toSeconds(drainedAt - peakAt)
  }),
]

const PACKING: readonly MetricDefinition[] = [
  ...RESOURCES.flatMap((resource, index) =>
    meanAndPeak(`${resource}_requested`, 'share', `${resource} requested`, (run) => ({
      mean: resource === 'gpu' && !run.hasGpus ? undefined : run.sums.ratioMean(index),
      peak: resource === 'gpu' && !run.hasGpus ? undefined : run.sums.ratioMax(index),
    })),
  ),
  ...meanAndPeak('memory_used', 'share', 'memory used', (run) => use(run, USED_MEMORY_SHARE)),
  ...meanAndPeak('nodes_in_use', 'nodes', 'nodes in use', (run) => channel(run, NODES_IN_USE)),
  ...meanAndPeak('nodes_ready', 'nodes', 'nodes ready', (run) => channel(run, NODES_READY)),
  one('Packing', 'node_hours', 'node_h', 'node hours', (run) => run.sums.integral(NODES) / HOUR),
  one('Packing', 'cost', 'cost', 'cost of the nodes', (run) =>
    run.hasPrices ? run.sums.integral(NODE_PRICES) / HOUR : undefined,
  ),
  ...meanAndPeak('stranded_cpu', 'share', 'cpu stranded', (run) => run.stranded.cpu),
  ...meanAndPeak('stranded_memory', 'share', 'memory stranded', (run) => run.stranded.memory),
  ...meanAndPeak('fragmented_gpu', 'share', 'gpu fragmented', (run) => run.fragmented.ofAll),
  ...meanAndPeak(
    'fragmented_free_gpu',
    'share',
    'gpu fragmented, of the free',
    (run) => run.fragmented.ofFree,
  ),
]

const WORKLOADS: readonly MetricDefinition[] = [
  {
    ...one('Workloads', 'rollouts', 'count', 'rollouts', (run) => run.workloads?.rollouts),
    parts: (run) => run.workloads?.rolloutsBy ?? NO_PARTS,
  },
  ...(['p50', 'max'] as const).map((statistic) => ({
    ...one('Workloads', `rollout_s_${statistic}`, 's', 'rollout duration', (run) =>
      toSeconds(run.workloads?.rolloutTimes?.[statistic]),
    ),
    statistic,
  })),
  one(
    'Workloads',
    'rollout_deadlines_exceeded',
    'count',
    'rollouts beyond their deadline',
    (run) => run.workloads?.deadlinesExceeded,
  ),
  {
    ...one('Workloads', 'jobs_ended', 'count', 'jobs ended', (run) => {
      const counts = [...(run.workloads?.jobsBy.values() ?? [])]
      return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0)
    }),
    parts: (run) => run.workloads?.jobsBy ?? NO_PARTS,
  },
  one('Workloads', 'container_restarts', 'count', 'container restarts', (run) => run.workloads?.restarts),
  one('Workloads', 'replicas_unavailable_pod_s', 'pod_s', 'replicas wanted and not ready', (run) =>
    run.workloads === undefined ? undefined : run.workloads.unavailable / 1e6,
  ),
]

const RECOVERY: readonly MetricDefinition[] = [
  one('Recovery', 'availability', 'share', 'availability', (run) => run.availability),
  {
    ...one('Recovery', 'failures', 'count', 'failures', (run) => run.failures.length),
    parts: (run) => countBy(run.failures, ({ record }) => record.model),
  },
  one(
    'Recovery',
    'machine_failures',
    'count',
    'machines that went down',
    (run) => run.counts.machineFailures,
  ),
  one('Recovery', 'pods_affected', 'pods', 'pods affected', (run) => sumOf(run, (failure) => failure.lost)),
  one('Recovery', 'pods_not_recovered', 'pods', 'not running again', (run) =>
    sumOf(run, (failure) => failure.open),
  ),
  ...recoveryTimes('time_to_detect', 'time to detect', (failure) => failure.detectedAt),
  ...recoveryTimes('time_to_evict', 'time to evict the last', (failure) => failure.lastEvictedAt),
  ...recoveryTimes(
    'time_to_reschedule',
    'time to reschedule the last',
    (failure) => failure.lastRescheduledAt,
  ),
  ...recoveryTimes('time_to_run_again', 'time until the last runs again', (failure) => failure.lastReadyAt),
  ...recoveryTimes('time_to_repair', 'time to repair', ({ record }) => endOf(record)),
  {
    ...one('Recovery', 'unavailable_pod_s', 'pod_s', 'lost replicas unavailable', (run) =>
      run.failures.length === 0 ? undefined : sumOf(run, (failure) => failure.lostTime) / 1e6,
    ),
    parts: limitsOf,
    partWords: (part) => CAUSE_WORDS[part as Cause],
  },
  one('Recovery', 'budget_violation_s', 's', 'disruption budgets not met', (run) =>
    run.failures.length === 0 ? undefined : sumOf(run, (failure) => failure.violatedTime) / 1e6,
  ),
  one('Recovery', 'evictions_blocked', 'count', 'evictions refused for a budget', (run) =>
    run.failures.length === 0 && run.blockedEvictions === 0 ? undefined : run.blockedEvictions,
  ),
  {
    ...one('Recovery', 'evictions', 'pods', 'evictions', (run) => run.counts.evictions),
    parts: (run) => run.evictionsBy,
  },
  one('Recovery', 'kubelet_refusals', 'pods', 'refused by a kubelet', (run) => run.counts.refusals),
  one('Recovery', 'work_redone_cpu_s', 'cpu_s', 'work done again', (run) =>
    run.failures.length === 0 ? undefined : sumOf(run, (failure) => failure.redoneWork) / WORK_IN_CPU_SECOND,
  ),
  one('Recovery', 'work_lost_cpu_s', 'cpu_s', 'work lost', (run) => run.lostWork / WORK_IN_CPU_SECOND),
  one('Recovery', 'work_lost', 'share', 'work lost, of all done', (run) => {
    const done = run.lostWork + run.usefulWork
    return done === 0 ? undefined : run.lostWork / done
  }),
]

/** All metrics that every summary has, in order. */
export const METRICS: readonly MetricDefinition[] = [
  ...RUN,
  ...PODS,
  ...SCHEDULING,
  ...PACKING,
  ...WORKLOADS,
  ...RECOVERY,
]

function one(
  section: Metric['section'],
  name: string,
  unit: Metric['unit'],
  label: string,
  value: (run: RunMeasures) => number | undefined,
): MetricDefinition {
  return { section, name, unit, label, value }
}

function latencies(
  name: string,
  label: string,
  of: (run: RunMeasures) => QuantileSketch,
): readonly MetricDefinition[] {
  const statistics: readonly (readonly [string, (sketch: QuantileSketch) => Micros | undefined])[] = [
    ['p50', (sketch) => sketch.quantile(0.5)],
    ['p90', (sketch) => sketch.quantile(0.9)],
    ['p99', (sketch) => sketch.quantile(0.99)],
    ['max', (sketch) => sketch.max],
    ['mean', (sketch) => sketch.mean],
  ]
  return statistics.map(([statistic, take]) => ({
    ...one('Scheduling', `${name}_s_${statistic}`, 's', label, (run) => toSeconds(take(of(run)))),
    statistic,
  }))
}

function meanAndPeak(
  name: string,
  unit: Metric['unit'],
  label: string,
  of: (run: RunMeasures) => SampledMeasure,
): readonly MetricDefinition[] {
  return [
    { ...one('Packing', `${name}_mean`, unit, label, (run) => of(run).mean), statistic: 'mean' },
    { ...one('Packing', `${name}_peak`, unit, label, (run) => of(run).peak), statistic: 'peak' },
  ]
}

function recoveryTimes(
  name: string,
  label: string,
  of: (failure: FailureOutcome) => Micros | undefined,
): readonly MetricDefinition[] {
  const statistics = ['p50', 'p90', 'max'] as const
  return statistics.map((statistic) => ({
    ...one('Recovery', `${name}_s_${statistic}`, 's', label, (run) => {
      const times = run.failures.flatMap((failure) => {
        const at = of(failure)
        // A failure may begin where nodes are broken already, or shut down before they are down: that took no time of it.
        return at === undefined ? [] : [Math.max(0, at - failure.record.startedAt)]
      })
      return toSeconds(exactStatistics(times)?.[statistic])
    }),
    statistic,
  }))
}

function use(run: RunMeasures, ratio: number): SampledMeasure {
  if (!run.hasUse) return { mean: undefined, peak: undefined }
  return { mean: run.sums.ratioMean(ratio), peak: run.sums.ratioMax(ratio) }
}

function channel(run: RunMeasures, number: number): SampledMeasure {
  return { mean: run.sums.mean(number), peak: run.sums.max(number) }
}

function sumOf(run: RunMeasures, of: (failure: FailureOutcome) => number): number {
  return run.failures.reduce((sum, failure) => sum + of(failure), 0)
}

function countBy<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1)
  return counts
}

/** Seconds that lost replicas were unavailable, by what they waited for. */
function limitsOf({ failures }: RunMeasures): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { limits } of failures) {
    for (const [cause, time] of limits) sums.set(cause, (sums.get(cause) ?? 0) + time / 1e6)
  }
  return sums
}

/** When a failure was over; undefined for one that lasted to the end. */
function endOf({ endedAt }: FailureRecord): Micros | undefined {
  return endedAt === NEVER ? undefined : endedAt
}
