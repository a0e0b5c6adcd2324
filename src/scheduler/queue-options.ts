import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { PodGroupLister } from './framework/pod-groups.ts'
import type { QueuedPod } from './queued-pod.ts'

/** How the queue behaves, as far as the configuration says. */
export interface QueueOptions {
  /** Back-off after the first failure (`podInitialBackoffSeconds`; 1 s by default). */
  readonly initialBackoff: Micros
  /** Longest back-off (`podMaxBackoffSeconds`; 10 s by default). */
  readonly maxBackoff: Micros
  /** Feature gate SchedulerPopFromBackoffQ, on by default. */
  readonly popsFromBackoff: boolean
  /** The PodGroups that pods may belong to; without it no pod belongs to any. */
  readonly groups?: PodGroupLister
  /** Feature gate GenericWorkload: pods of a PodGroup are queued, and tried, as one. Off by default. */
  readonly queuesPodGroups?: boolean
  /** Whether hints know the pod that they are asked about from others, as by their UIDs; true by default. */
  readonly tellsPodsApart?: boolean
  /** QueueSort of a plugin: when the pod counts as come; without it the order is PrioritySort's. */
  readonly queueTime?: (pod: QueuedPod) => Micros
  /** Hears of pods that have to back off before they are tried again. */
  readonly backsOff?: (pod: PodRow) => void
}

/** Knows which pods would be rejected again. */
export interface Foresight {
  isHopeless(this: void, pod: QueuedPod): boolean
  /** The plugins that would reject a pod that is hopeless. */
  rejectedBy(this: void, pod: QueuedPod): readonly string[]
  /** How often an object changed that may give pods hope: one other than pods and nodes. */
  readonly objectChanges: number
}

/** Knows of nobody. */
export const NO_FORESIGHT: Foresight = { isHopeless: () => false, rejectedBy: () => [], objectChanges: 0 }

/** Why an attempt failed: the plugins that rejected the pod, or, with none of either, an error. */
export interface Failure {
  readonly rejectedBy: readonly string[]
  readonly pendingBy: readonly string[]
}

/** Queue settings of a kube-scheduler without a configuration file. */
export const DEFAULT_QUEUE: QueueOptions = {
  initialBackoff: SECOND,
  maxBackoff: 10 * SECOND,
  popsFromBackoff: true,
}
