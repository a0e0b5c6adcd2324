import type { RandomStream } from '../base/random.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { LifecycleOptions } from './lifecycle/pod-workers.ts'

/** How kubelets behave. Draws are rounded to whole microseconds, negative ones are 0. */
export interface KubeletOptions {
  /** Time from hearing of a pod until its containers run; 2 s by default. */
  readonly startup: (stream: RandomStream) => Micros
  /** Time that containers take to end after they were told to; the grace period bounds it; 1 s by default. */
  readonly stop: (stream: RandomStream) => Micros
  /** Time from a write of a pod until the kubelet hears of it; 0 by default. */
  readonly watchLatency: Micros
  /** The life of pods that have a worker. */
  readonly lifecycle: Partial<LifecycleOptions>
}

/** Kubelets of a scenario that says nothing of them. */
export const DEFAULT_KUBELET_OPTIONS: KubeletOptions = {
  startup: () => 2 * SECOND,
  stop: () => SECOND,
  watchLatency: 0,
  lifecycle: {},
}
