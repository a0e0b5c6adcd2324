import type { PodRow } from '../cluster/rows.ts'
import type { Simulation, Timer } from '../engine/simulation.ts'
import { NO_TIMER } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'

/** Cancels what would happen to a pod that has no worker. */
export function cancelTimers(sim: Simulation, pods: KubeletPods, pod: PodRow): void {
  const timer = pods.timer(pod)
  if (timer !== NO_TIMER) {
    sim.cancel(timer as Timer)
    pods.setTimer(pod, NO_TIMER)
  }
  const riseTimer = pods.riseTimer(pod)
  if (riseTimer !== NO_TIMER) {
    sim.cancel(riseTimer as Timer)
    pods.setRiseTimer(pod, NO_TIMER)
  }
}
