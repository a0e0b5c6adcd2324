import type { Micros } from '../base/time.ts'

/** Unit of a metric; a share is a part of 1, a cost is in the currency of the prices. */
type Unit = 'count' | 'pods' | 'nodes' | 'share' | 's' | 'pod_s' | 'cpu_s' | 'node_h' | 'cost' | 'attempts'

/** Headings that the printed summary is divided by, in order. */
export const SECTIONS = ['Run', 'Pods', 'Scheduling', 'Packing', 'Workloads', 'Recovery'] as const

/** One number of the summary. */
export interface Metric {
  /** Name in summary.csv. */
  readonly name: string
  readonly unit: Unit
  /** Undefined when there is nothing to measure. */
  readonly value: number | undefined
  readonly section: (typeof SECTIONS)[number]
  /** Words for people; metrics with one label are printed on one line. */
  readonly label: string
  /** Which number of the line this is, as `p50`; empty when it is the only one. */
  readonly statistic: string
  /** For a part that is printed as a share of its whole: its words. */
  readonly shareWords?: string
}

/** Seconds of a time in microseconds. */
export function toSeconds(span: Micros | undefined): number | undefined {
  return span === undefined ? undefined : span / 1_000_000
}
