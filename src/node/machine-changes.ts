import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME, PHASE_PENDING } from '../cluster/pod-table.ts'
import type { NodeRow, PodRow } from '../cluster/rows.ts'
import type { Simulation } from '../engine/simulation.ts'
import { LOST, STARTING } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import type { PodWorkers } from './lifecycle/pod-workers.ts'
import { letGo } from './let-go.ts'
import type { LostTime } from './lost-time.ts'
import { cancelTimers } from './pod-timers.ts'

/** What a kubelet does with its pods when its machine goes down or comes up. */
export interface AfterMachine {
  readonly api: ApiServer
  readonly pods: KubeletPods
  readonly workers: PodWorkers
  readonly lostTime: LostTime
  /** Starts the pod, or refuses it. */
  readonly accept: (pod: PodRow) => void
  readonly launch: (pod: PodRow) => void
  /** What the pod used is free. */
  readonly rest: (pod: PodRow) => void
  readonly forget: (pod: PodRow) => void
}

/** The machine is down: nothing of its pods runs any more, and nobody says so. */
export function machineDown(after: AfterMachine, sim: Simulation, on: readonly PodRow[]): void {
  const { pods, workers, lostTime } = after
  for (const pod of on) {
    if (pods.state(pod) === LOST) continue
    lostTime.tell(pod, 'MachineDown')
    cancelTimers(sim, pods, pod)
    workers.workerOf(pod)?.machineDown()
    after.rest(pod)
    pods.setState(pod, LOST)
  }
}

/**
 * The kubelet is back and finds that nothing runs. Source: kubelet v1.37: pods are synced from scratch
 * after a boot.
 */
export function machineUp(after: AfterMachine, node: NodeRow, on: readonly PodRow[]): void {
  const { pods } = after.api
  after.workers.nodeUp(node)
  for (const pod of on) {
    if (after.pods.state(pod) !== LOST || pods.isRemoved(pod) || pods.isFinished(pod)) continue
    const worker = after.workers.workerOf(pod)
    if (pods.table.deletingAt(pod) !== NO_TIME) {
      after.forget(pod)
      letGo(pods, pod)
    } else if (worker !== undefined) {
      after.pods.setState(pod, STARTING)
      worker.machineUp()
    } else if (pods.table.phase(pod) === PHASE_PENDING) {
      after.accept(pod)
    } else if (pods.infoOf(pod).restartPolicy === 'Never') {
      after.forget(pod)
      pods.finish(pod, { succeeded: false, reason: 'ContainerStatusUnknown' })
    } else {
      pods.setReady(pod, false)
      after.launch(pod)
    }
  }
}
