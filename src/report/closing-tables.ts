import type { CsvTable } from './csv.ts'
import type { FailureOutcome } from './failure-tracker.ts'
import {
  NODE_CPU_INTEGRAL,
  NODE_MEMORY_INTEGRAL,
  NODE_PODS_PEAK,
  NODE_PODS_PLACED,
  NODE_USED_MEMORY_INTEGRAL,
} from './node-ledger.ts'
import type { NodeLedger } from './node-ledger.ts'
import { secondsText } from './number-text.ts'
import type { RowWriter } from './row-writer.ts'
import type { WorkloadGroup } from './workload-groups.ts'

/** Millicores times microseconds in a cpu second. */
const WORK_IN_CPU_SECOND = 1e9

/** Writes nodes.csv: a row for each node that ever was, in order of creation. */
export function writeNodes(table: RowWriter, nodes: NodeLedger): void {
  for (const node of nodes.records) {
    const { row, capacity } = node
    table.text(node.name)
    table.number(capacity.cpu)
    table.number(capacity.memory)
    table.number(capacity.pods)
    table.number(capacity.gpuMilli)
    table.optional(share(nodes.number(row, NODE_CPU_INTEGRAL), node.cpuOffered))
    table.number(node.cpuPeakShare)
    table.optional(share(nodes.number(row, NODE_MEMORY_INTEGRAL), node.memoryOffered))
    table.number(node.memoryPeakShare)
    table.optional(share(nodes.number(row, NODE_USED_MEMORY_INTEGRAL), node.memoryOffered))
    table.number(nodes.number(row, NODE_PODS_PEAK))
    table.number(nodes.number(row, NODE_PODS_PLACED))
    table.number(node.evictions)
    table.number(node.crashes)
    table.seconds(node.downTime)
    table.seconds(node.presentTime)
    table.endRow()
  }
}

/** Writes workloads.csv: a row for each group; `measured` is the measured time in microseconds. */
export function writeWorkloads(table: CsvTable, groups: readonly WorkloadGroup[], measured: number): void {
  for (const group of groups) {
    table.row([
      group.namespace,
      group.kind,
      group.name,
      group.podsCreated,
      group.succeeded,
      group.failed,
      group.evicted,
      group.bound === 0 ? undefined : secondsText(Math.round(group.waited / group.bound)),
      share(group.wantedIntegral, measured),
      share(group.servingIntegral, measured),
      share(group.servingIntegral, group.wantedIntegral),
      group.lostWork / WORK_IN_CPU_SECOND,
    ])
  }
}

/** Writes failures.csv: a row for each failure, in order of their numbers. */
export function writeFailures(
  table: CsvTable,
  failures: readonly FailureOutcome[],
  nodeName: (failure: FailureOutcome) => string,
): void {
  for (const failure of failures) {
    table.row([
      failure.record.id,
      failure.record.model,
      failure.record.nodes.length,
      nodeName(failure),
      secondsText(failure.record.startedAt),
      secondsText(failure.detectedAt),
      secondsText(failure.firstEvictedAt),
      secondsText(failure.lastEvictedAt),
      secondsText(failure.lastRescheduledAt),
      secondsText(failure.lastRunningAt),
      secondsText(failure.record.endedAt),
      failure.podsAffected,
      failure.podsOpen,
      failure.lostWork / WORK_IN_CPU_SECOND,
    ])
  }
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole
}
