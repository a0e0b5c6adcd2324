import type { Micros } from '../base/time.ts'
import { TASK } from '../cluster/task-owner.ts'
import { EVICTED, EVICTED_BY_API, EVICTED_BY_TAINT, PREEMPTED } from '../cluster/pod-reason.ts'
import type { Cell, CsvTable } from './csv.ts'
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
import type { ContainerLives, ContainerSums } from './container-lives.ts'
import type { LifeSums, PodLives } from './pod-lives.ts'
import type { Rollout } from './rollouts.ts'
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
export function writeWorkloads(
  table: CsvTable,
  groups: readonly WorkloadGroup[],
  lives: { readonly pods: PodLives; readonly containers: ContainerLives },
  measured: number,
): void {
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
      ...lifeCells(group, lives.pods.of(group.group), measured),
      ...containerCells(lives.containers.of(group.group)),
    ])
  }
}

function lifeCells(
  group: WorkloadGroup,
  { restarts, readyPods, readyTime }: LifeSums,
  measured: number,
): readonly Cell[] {
  const evicted = (reason: string): number => group.evictedBy.get(reason) ?? 0
  return [
    meanSeconds(group.startTime, group.started),
    group.kind === TASK ? (group.started === 0 ? undefined : '0') : meanSeconds(readyTime, readyPods),
    secondsText(group.runTime),
    restarts,
    evicted(EVICTED_BY_API),
    evicted(EVICTED_BY_TAINT),
    evicted(EVICTED),
    evicted(PREEMPTED),
    group.desired === undefined ? undefined : share(group.desired.replicas, measured),
    group.desired === undefined ? undefined : share(group.desired.served, group.desired.replicas),
  ]
}

function containerCells(sums: ContainerSums): readonly Cell[] {
  const { runTime, throttledTime } = sums
  return [
    meanSeconds(sums.sandboxTime, sums.sandboxes),
    meanSeconds(sums.pullTime, sums.pulls),
    meanSeconds(sums.initTime, sums.initRuns),
    secondsText(Math.round(throttledTime)),
    share(runTime, runTime - throttledTime),
  ]
}

function meanSeconds(sum: Micros, count: number): string | undefined {
  return count === 0 ? undefined : secondsText(Math.round(sum / count))
}

/** Writes rollouts.csv: a row for each rollout, in order of their beginnings. */
export function writeRollouts(table: CsvTable, rollouts: readonly Rollout[]): void {
  for (const rollout of rollouts) {
    const { startedAt, endedAt } = rollout
    table.row([
      rollout.namespace,
      rollout.kind,
      rollout.name,
      rollout.generation,
      secondsText(startedAt),
      endedAt === undefined ? undefined : secondsText(endedAt),
      endedAt === undefined ? undefined : secondsText(endedAt - startedAt),
      rollout.outcome,
      rollout.hasExceededDeadline,
      rollout.replicas,
      rollout.podsPeak,
      rollout.availableMin,
    ])
  }
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole
}
