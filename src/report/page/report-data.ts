import type { CHART_IDS } from '../page-files.ts'

/**
 * What a report page is given: plain JSON, with long columns packed. The page shows it and computes nothing that changes a
 * number. Times are seconds of simulated time since the start of the run; shares are parts of 1.
 */
export interface ReportData {
  /** Raised when an older page could not read it. */
  readonly format: 1
  readonly title: string
  /** Version of stowage that made it. */
  readonly version: string
  /** One run, or several beside each other, in the order given. */
  readonly runs: readonly RunView[]
  /** Metrics side by side; where there are several runs or scenarios. */
  readonly comparison?: ComparisonView
}

/** A column of numbers: little-endian, compressed with raw DEFLATE, as base64. */
export interface PackedColumn {
  readonly type: 'u8' | 'u16' | 'u32' | 'f32' | 'f64'
  readonly length: number
  readonly data: string
}

/** One run. */
export interface RunView {
  readonly name: string
  /** Name and value of what it was run with: seed, policy, Kubernetes version, command. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly interrupted: boolean
  readonly warnings: readonly string[]
  /** When the run ended. */
  readonly end: number
  readonly tiles: readonly Tile[]
  /** All metrics of the summary, for the table. */
  readonly metrics: readonly MetricLine[]
  readonly charts: readonly Chart[]
  readonly markers: readonly Marker[]
  readonly heat: HeatMap | undefined
  readonly player: Player | undefined
  readonly failures: readonly FailureView[]
}

/** A number of the summary in large type, and what it means in plain words. */
export interface Tile {
  readonly title: string
  /** As it is shown, its unit included. */
  readonly value: string
  /** A sentence for somebody who knows no metric's name. */
  readonly words: string
  readonly tone: 'good' | 'neutral' | 'bad'
}

/** A metric as the summary spells it. */
export interface MetricLine {
  readonly name: string
  readonly label: string
  readonly value: string
  /** Heading that it stands under. */
  readonly section: string
}

/** Lines over the time that all charts share. */
export interface Chart extends ChartLines {
  readonly id: (typeof CHART_IDS)[number]
  readonly title: string
  /** What an axis is in: `share` is shown as a percentage. */
  readonly unit: 'share' | 'count' | 'per_second'
  /** Values stand from their time until the next: they are drawn as steps. */
  readonly isStepped?: true
  /** Parts of the whole that can be looked at instead: the same lines, over times of their own. */
  readonly parts?: readonly ChartPart[]
}

/** Lines over the same times. */
export interface ChartLines {
  readonly time: PackedColumn
  readonly lines: readonly ChartLine[]
  /** A sentence or two that say what the lines show: their text alternative. */
  readonly summary: string
}

/** A part of what a chart shows: a workload. */
export interface ChartPart extends ChartLines {
  readonly name: string
}

/** A line of a chart: as many values as there are times, NaN where there is none. */
export interface ChartLine {
  readonly name: string
  /** Not drawn until it is asked for. */
  readonly isHidden?: boolean
  readonly values: PackedColumn
}

/** What happened at an instant, or lasted. */
export interface Marker {
  readonly at: number
  /** When it ended; left out of what did not last. */
  readonly until?: number
  readonly kind: 'failure' | 'scaling' | 'action' | 'control-plane'
  readonly label: string
}

/** How full nodes were over time. Rows are nodes in order of their names; columns are spans of equal length. */
export interface HeatMap {
  readonly nodes: readonly string[]
  /** Where there are more nodes than rows: how many nodes a row holds. */
  readonly nodesPerRow: number
  readonly spans: number
  readonly spanSeconds: number
  readonly resources: readonly HeatResource[]
}

/**
 * One resource of a heat map: a byte a cell, row by row, 0 to 200 for the share requested from 0 to 1, 201 for more than 1, 254
 * where the machine was down, 255 where there was no such node. A cell is the greatest value within its span.
 */
export interface HeatResource {
  readonly name: 'cpu' | 'memory' | 'gpu' | 'pods'
  readonly cells: PackedColumn
}

/** Where each pod was, for the player: a row a pod, in order of binding; those that never had a node last. */
export interface Player {
  readonly nodes: readonly PlayerNode[]
  /** Pods of the run; more than the rows where some were left out. */
  readonly podCount: number
  readonly names: readonly string[]
  /** Index into `nodes`; their number of pods that never had one. */
  readonly node: PackedColumn
  readonly createdAt: PackedColumn
  /** Infinity where it never had a node. */
  readonly boundAt: PackedColumn
  /** Infinity where it never ran. */
  readonly runningAt: PackedColumn
  /** Infinity where it was there at the end. */
  readonly endedAt: PackedColumn
  readonly cpuMillicores: PackedColumn
  readonly memoryBytes: PackedColumn
  readonly gpuMilli: PackedColumn
  /** Index into `QOS_CLASSES`. */
  readonly qos: PackedColumn
  readonly priorities: readonly number[]
  /** Index into `priorities`. */
  readonly priority: PackedColumn
  readonly workloads: readonly string[]
  /** Index into `workloads`. */
  readonly workload: PackedColumn
  readonly outcomes: readonly string[]
  /** Index into `outcomes`. */
  readonly outcome: PackedColumn
  /** Of pods whose decisions were recorded, by row. */
  readonly decisions: readonly PodDecision[]
}

/** QoS classes in the order in which a player's column numbers them. */
export const QOS_CLASSES = ['Guaranteed', 'Burstable', 'BestEffort'] as const

/** A node with what it has to give. */
export interface PlayerNode {
  readonly name: string
  readonly cpuMillicores: number
  readonly memoryBytes: number
  readonly gpuMilli: number
  /** When it came and went, where not at the start and the end. */
  readonly from?: number
  readonly to?: number
  /** Spans in which its machine was down. */
  readonly down?: readonly (readonly [from: number, to: number])[]
}

/** What the scheduler said of a pod in one cycle. */
export interface PodDecision {
  /** Row of the pod in the player. */
  readonly pod: number
  readonly at: number
  readonly attempt: number
  readonly outcome: string
  readonly message: string
  readonly feasibleNodes: number
  readonly evaluatedNodes: number
  /** The best nodes first, then rejected ones; as many as were kept. */
  readonly nodes: readonly DecisionNode[]
}

/** What a cycle said of one node. */
export interface DecisionNode {
  readonly name: string
  readonly total: number | undefined
  /** Plugin and weighted score. */
  readonly scores: readonly (readonly [plugin: string, score: number])[]
  /** Plugin that rejected it, and why; undefined where it was feasible. */
  readonly rejected: string | undefined
}

/** One failure as failures.csv has it, in words. */
export interface FailureView {
  readonly id: string
  readonly at: number
  readonly until: number | undefined
  readonly label: string
  readonly podsAffected: number
  /** Step and seconds since the start of the failure: detected, evicted, rescheduled, ready. */
  readonly steps: readonly (readonly [step: string, seconds: number])[]
  /** Cause and its part of the unavailable time. */
  readonly limits: readonly (readonly [cause: string, share: number])[]
}

/** Scenarios, policies or points of a sweep beside each other, over the same seeds. */
export interface ComparisonView {
  /** Names, the one that all are compared with first. */
  readonly scenarios: readonly string[]
  readonly seeds: readonly number[]
  readonly metrics: readonly ComparedMetric[]
  /** Lines over time, the mean of all seeds; a line a scenario. */
  readonly charts: readonly Chart[]
  readonly pareto?: ParetoView
}

/** One metric of all scenarios. */
export interface ComparedMetric {
  readonly name: string
  readonly label: string
  readonly unit: string
  /** By scenario. */
  readonly cells: readonly ComparedCell[]
}

/** A metric of one scenario over the seeds: ends of 95 % intervals, undefined where there is nothing to measure. */
export interface ComparedCell {
  readonly mean?: number
  readonly low?: number
  readonly high?: number
  /** From the first scenario, seed by seed. */
  readonly difference?: number
  readonly differenceLow?: number
  readonly differenceHigh?: number
}

/** Points of a sweep by two metrics of which less cost and less loss are better. */
export interface ParetoView {
  readonly x: ParetoAxis
  readonly y: ParetoAxis
  readonly points: readonly ParetoPoint[]
}

/** A metric as an axis, and which end of it is better. */
export interface ParetoAxis {
  readonly metric: string
  readonly label: string
  readonly better: 'less' | 'more'
}

/** A point of a sweep; on the front, none is better in one metric and as good in the other. */
export interface ParetoPoint {
  readonly label: string
  readonly x: number
  readonly y: number
  readonly isOnFront: boolean
}
