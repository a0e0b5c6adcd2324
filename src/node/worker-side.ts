import type { PodTable } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { KubeletNodes } from './kubelet-nodes.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import { RUNNING, STARTING, STOPPING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import type { WorkerKubelets } from './lifecycle/pod-workers.ts'
import type { Machines } from './machine.ts'
import type { NodeUsage } from './node-usage.ts'
import type { SplitBrains } from './split-brain.ts'
import type { UsageModel } from './usage-model.ts'

/** What the kubelets keep, as the workers of pods see it. */
export function workerSide(parts: {
  readonly sim: Simulation
  readonly table: PodTable
  readonly options: KubeletOptions
  readonly machines: Machines
  readonly usage: UsageModel
  readonly pods: KubeletPods
  readonly nodes: KubeletNodes
  readonly inUse: NodeUsage
  readonly overRequest: (pod: PodRow, bytes: number) => void
  readonly usesDisk: (pod: PodRow, bytes: number) => void
  readonly splits: SplitBrains
  readonly ended: WorkerKubelets['ended']
  readonly over: WorkerKubelets['over']
  readonly write: WorkerKubelets['write']
}): WorkerKubelets {
  const { sim, table, options, machines, usage, pods, nodes, inUse } = parts
  return {
    startup: options.startup,
    stop: options.stop,
    peakOf: (request) => usage.peakOf(request),
    cpu: {
      capacity: (node) => machines.cpuCapacity(node),
      requested: (node) => nodes.cpu(node),
      watch: (node, isWatched) => nodes.setCpuWatched(node, isWatched),
    },
    use: (pod, node, { cpu, memory, disk }) => {
      inUse.setCpu(pod, node, cpu)
      inUse.setMemory(pod, node, memory)
      if (memory > table.memory(pod)) parts.overRequest(pod, memory)
      parts.usesDisk(pod, disk)
    },
    running: (pod, isFirst) => {
      if (!isFirst && pods.state(pod) !== STARTING) return
      pods.setState(pod, RUNNING)
      pods.setStartedAt(pod, sim.now)
      if (!parts.splits.isQuiet) parts.splits.started(pod, pods.node(pod))
    },
    reports: (node) => machines.reports(node),
    speedOf: (node) => machines.strain.speedOf(node),
    diskTaken: (node) => machines.strain.diskTaken(node),
    ended: parts.ended,
    stopping: (pod) => pods.setState(pod, STOPPING),
    over: parts.over,
    write: parts.write,
  }
}
