import { NEVER } from '../base/time.ts'
import type { KeptWork } from '../cluster/kept-work.ts'
import type { PodTable } from '../cluster/pod-table.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import { DELETED } from '../cluster/pod-reason.ts'
import { ENDED } from './kubelet-pods.ts'
import type { KubeletPods } from './kubelet-pods.ts'
import type { LostWorkListener } from './pod-end.ts'

/** Tells of the time that containers ran for nothing. */
export class LostTime {
  readonly #clock: { readonly now: number }
  readonly #table: PodTable
  readonly #kept: KeptWork
  readonly #pods: KubeletPods
  readonly #listeners: LostWorkListener[] = []

  constructor(
    clock: { readonly now: number },
    { table, kept }: { readonly table: PodTable; readonly kept: KeptWork },
    pods: KubeletPods,
  ) {
    this.#clock = clock
    this.#table = table
    this.#kept = kept
    this.#pods = pods
  }

  listen(listener: LostWorkListener): void {
    this.#listeners.push(listener)
  }

  /** As `tell`, of a pod whose end or deletion somebody else wrote, with the reason that it has. */
  tellEnd(pod: PodRow): void {
    this.tell(pod, this.#table.reason(pod) || DELETED)
  }

  /** What the pod has done since its last checkpoint is lost, if it was to end some day; called before its containers are forgotten. */
  tell(pod: PodRow, cause: string): void {
    const startedAt = this.#pods.startedAt(pod)
    if (startedAt === NO_TIME || this.#table.duration(pod) === NEVER) return
    const until = this.#pods.state(pod) === ENDED ? this.#pods.stopsAt(pod) : this.#clock.now
    const ran = until - startedAt
    const span = ran - this.#kept.keep(pod, ran)
    const lost = { pod, span, cores: this.#table.cpu(pod) / 1000, cause }
    for (const listener of this.#listeners) listener(lost)
  }
}
