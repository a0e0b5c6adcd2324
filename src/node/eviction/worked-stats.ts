import type { PodRow } from '../../cluster/rows.ts'
import type { Kubelets } from '../kubelet.ts'
import type { ContainerStats, PodStats } from './pod-stats.ts'

/** What a pod with a worker uses, container by container; undefined for pods without. */
export function workedStats(kubelets: Kubelets, pod: PodRow): PodStats | undefined {
  const containers = kubelets.workers.workerOf(pod)?.containers
  if (containers === undefined) return undefined
  const running = containers.filter(({ state }) => state === 'running')
  const disk = running.reduce((sum, container) => sum + container.disk, 0)
  return {
    memory: { workingSetBytes: kubelets.memoryOf(pod) },
    'ephemeral-storage': { usedBytes: disk },
    containers: running.map(({ plan, memory, disk: usedBytes }): ContainerStats => ({
      name: plan.spec.name,
      memory: { workingSetBytes: memory },
      rootfs: { usedBytes, inodesUsed: 0 },
      logs: { usedBytes: 0, inodesUsed: 0 },
    })),
  }
}
