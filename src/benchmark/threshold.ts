import { dataItemsOf, podsPerCpuSecond } from './data-items.ts'
import type { WorkloadResult } from './run-workload.ts'

/**
 * The value that a workload's threshold is for; undefined when it was not measured.
 *
 * Thresholds are floors of the real scheduler on the machines of its project. A throughput in simulated time follows from
 * the cycle time that was chosen, so the throughput that is compared is that a CPU second of the simulator.
 */
export function thresholdValue(result: WorkloadResult): number | undefined {
  const { name, labels, dataBucket } = result.workload.thresholdSelector
  if (name === 'SchedulingThroughput') return podsPerCpuSecond(result.sections)
  const item = dataItemsOf([result]).dataItems.find(
    (one) =>
      one.labels['Metric'] === name &&
      Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )
  return item?.data[dataBucket]
}

/** Whether the workload is on the right side of its threshold; undefined without a threshold or a value. */
export function meetsThreshold(result: WorkloadResult): boolean | undefined {
  const { threshold, thresholdSelector } = result.workload
  const value = thresholdValue(result)
  if (threshold === 0 || value === undefined) return undefined
  return thresholdSelector.expectLower ? value <= threshold : value >= threshold
}
