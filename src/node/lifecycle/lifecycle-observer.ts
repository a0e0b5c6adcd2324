import type { Micros } from '../../base/time.ts'
import type { PodRow } from '../../cluster/rows.ts'
import type { ContainerKind } from './pod-plan.ts'

/** A run of a container that is over. */
export interface EndedRun {
  readonly container: string
  readonly kind: ContainerKind
  readonly exitCode: number
  readonly reason: string
  readonly span: Micros
  /** Time that it would have been done earlier with all the cpu that it wanted: span × (1 - speed), over all of it. */
  readonly throttled: Micros
}

/** Hears of what status does not tell of pods that have a worker; measures, and must not write. */
export interface LifecycleObserver {
  /** The pod's sandbox is there: its containers may start. `isFirst`: its node has made none for it before. */
  readonly sandboxReady?: (pod: PodRow, isFirst: boolean) => void
  /** A container has waited so long for its image. */
  readonly imagePulled?: (pod: PodRow, container: string, span: Micros) => void
  /** A run of a regular container that was to end some day has: so much of its work is done, and so much has to be done again. */
  readonly workEnded?: (pod: PodRow, work: { readonly kept: Micros; readonly lost: Micros }) => void
  readonly runEnded?: (pod: PodRow, run: EndedRun) => void
}
