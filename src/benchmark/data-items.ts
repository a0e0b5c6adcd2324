import { SECOND } from '../base/time.ts'
import type { QuantileSketch } from '../report/quantile-sketch.ts'
import type { WorkloadResult } from './run-workload.ts'
import type { SectionResult } from './section.ts'

/** One measured value in scheduler_perf's form: numbers by bucket, their unit, and labels that say what it is. */
export interface DataItem {
  readonly data: Readonly<Record<string, number>>
  readonly unit: string
  /**
   * `Name` is `Case/Workload/section`, `Metric` the metric; `Time` is `virtual` for what the simulated clock says, and
   * `cpu` for what the simulator itself took.
   */
  readonly labels: Readonly<Record<string, string>>
}

/** scheduler_perf's file of results. Source: Kubernetes v1.37, test/integration/scheduler_perf/util.go. */
export interface DataItems {
  readonly version: 'v1'
  readonly dataItems: readonly DataItem[]
}

/** Pods bound a CPU second of the simulator in the measured sections; undefined without any. */
export function podsPerCpuSecond(sections: readonly SectionResult[]): number | undefined {
  const bound = sections.reduce((sum, section) => sum + section.bound, 0)
  const seconds = sections.reduce((sum, section) => sum + section.cpuSeconds, 0)
  return bound === 0 || seconds <= 0 ? undefined : bound / seconds
}

/** The data items of all workloads, in their order. */
export function dataItemsOf(results: readonly WorkloadResult[]): DataItems {
  return { version: 'v1', dataItems: results.flatMap((result) => result.sections.flatMap(itemsOf)) }
}

function itemsOf(section: SectionResult): readonly DataItem[] {
  const { name, samples, schedulingMs, attemptMs, span, bound, cpuSeconds } = section
  const item = (
    metric: string,
    time: 'virtual' | 'cpu',
    unit: string,
    data: Readonly<Record<string, number>> | undefined,
    more: Readonly<Record<string, string>> = {},
  ): readonly DataItem[] =>
    data === undefined ? [] : [{ data, unit, labels: { Metric: metric, Name: name, Time: time, ...more } }]
  return [
    ...item('SchedulingThroughput', 'virtual', 'pods/s', samplesData(samples)),
    ...item('SchedulingDuration', 'virtual', 's', { Average: span / SECOND }),
    ...item('scheduler_pod_scheduling_duration_seconds', 'virtual', 'ms', sketchData(schedulingMs)),
    ...item('SimulatorThroughput', 'cpu', 'pods/s', averageOf(bound, cpuSeconds)),
    ...item('SimulatorDuration', 'cpu', 's', { Average: cpuSeconds }),
    ...[...attemptMs].flatMap(([result, sketch]) =>
      item('scheduler_scheduling_attempt_duration_seconds', 'cpu', 'ms', sketchData(sketch), { result }),
    ),
  ]
}

function averageOf(bound: number, cpuSeconds: number): { readonly Average: number } | undefined {
  return bound === 0 || cpuSeconds <= 0 ? undefined : { Average: bound / cpuSeconds }
}

/** Mean and percentiles of samples: the least value that so many percent of them do not exceed. */
export function samplesData(samples: readonly number[]): Readonly<Record<string, number>> | undefined {
  if (samples.length === 0) return undefined
  const sorted = samples.toSorted((one, other) => one - other)
  const percentile = (percent: number): number =>
    sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0
  return {
    Average: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    Perc50: percentile(50),
    Perc90: percentile(90),
    Perc95: percentile(95),
    Perc99: percentile(99),
  }
}

function sketchData(sketch: QuantileSketch): Readonly<Record<string, number>> | undefined {
  const { mean } = sketch
  if (mean === undefined) return undefined
  return {
    Average: mean,
    Perc50: sketch.quantile(0.5) ?? 0,
    Perc90: sketch.quantile(0.9) ?? 0,
    Perc95: sketch.quantile(0.95) ?? 0,
    Perc99: sketch.quantile(0.99) ?? 0,
  }
}
