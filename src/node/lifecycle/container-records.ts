import { BackOff } from './back-off.ts'
import type { ContainerRunner } from './container-runner.ts'
import { newContainer } from './container.ts'
import type { ContainerRecord } from './container.ts'
import type { ContainerPlan, PodPlan } from './pod-plan.ts'
import { PROBE_KINDS, ProbeWorker } from './probe.ts'
import type { WorkerHost } from './worker-host.ts'
import type { NodeRow } from '../../cluster/rows.ts'

/** Exit code and reason of containers that were lost with their machine: the runtime finds them gone, and knows no more. */
const EXIT_UNKNOWN = 255

/** The containers of a pod that begins on a node. */
export function newContainers(host: WorkerHost, node: NodeRow, plan: PodPlan): readonly ContainerRecord[] {
  return plan.containers.map((container) =>
    newContainer(container, new BackOff(host.crashBackOffMax), newProbes(host, node, container)),
  )
}

/** Containers after a boot of their machine: what ran is found to have ended, and the pod begins with its first container. */
export function resetAfterBoot(
  host: WorkerHost,
  node: NodeRow,
  runner: ContainerRunner,
  containers: readonly ContainerRecord[],
): void {
  for (const container of containers) {
    if (container.state === 'running') {
      runner.end(container, { exitCode: EXIT_UNKNOWN, reason: 'Unknown', isByProbe: false })
    } else if (container.state === 'starting')
      container.state = container.exit === undefined ? 'waiting' : 'terminated'
    container.crashes = new BackOff(host.crashBackOffMax)
    container.probes = newProbes(host, node, container.plan)
    if (container.plan.kind !== 'regular') container.isBegun = false
    if (container.plan.kind !== 'regular' && container.state === 'terminated') container.state = 'waiting'
  }
}

/**
 * Containers after a restart of their kubelet alone: they are as they were, back-offs are forgotten, and probes begin again, each
 * holding what it held until it knows better; readiness only where the API says that the pod is ready.
 *
 * Source: kubelet v1.37, prober/prober_manager.go `setReadyStateOnKubeletRestart`, `isContainerStarted`.
 */
export function resetAfterKubelet(
  host: WorkerHost,
  node: NodeRow,
  runner: ContainerRunner,
  { containers, isReady }: { readonly containers: readonly ContainerRecord[]; readonly isReady: boolean },
): void {
  for (const container of containers) {
    container.crashes = new BackOff(host.crashBackOffMax)
    container.probes = container.probes.map((probe, index) =>
      probe?.restarted(
        host.probePhase(node, probe.plan.period),
        PROBE_KINDS[index] !== 'readiness' || isReady,
      ),
    )
    runner.probeAgain(container)
  }
}

function newProbes(host: WorkerHost, node: NodeRow, plan: ContainerPlan): ContainerRecord['probes'] {
  return plan.probes.map((probe) =>
    probe === undefined ? undefined : new ProbeWorker(probe, host.probePhase(node, probe.period)),
  )
}
