import type { Micros } from '../base/time.ts'
import type { PodTable } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'
import type { EndedRun, LifecycleObserver } from '../node/lifecycle/lifecycle-observer.ts'

/** What the containers of a workload's pods went through, in sums; of pods whose node looks after them one by one. */
export interface ContainerSums {
  /** Sandboxes that were made, and the sum of the times from binding to that. */
  sandboxes: number
  sandboxTime: Micros
  /** Containers that waited for their image to come, and the sum of the times. */
  pulls: number
  pullTime: Micros
  /** Runs of init containers that ended, and the sum of the times. */
  initRuns: number
  initTime: Micros
  /** Time that runs of regular containers took, and how much of it they lost for want of cpu. */
  runTime: Micros
  throttledTime: Micros
}

/** Adds up what kubelets tell of containers, by groups of pods. */
export class ContainerLives implements LifecycleObserver {
  readonly #clock: { readonly now: Micros }
  readonly #table: PodTable
  readonly #groupOf: (pod: PodRow) => number
  readonly #sums: ContainerSums[] = []

  constructor(clock: { readonly now: Micros }, table: PodTable, groupOf: (pod: PodRow) => number) {
    this.#clock = clock
    this.#table = table
    this.#groupOf = groupOf
  }

  /** The sums of a group of pods. */
  of(group: number): ContainerSums {
    return (this.#sums[group] ??= {
      sandboxes: 0,
      sandboxTime: 0,
      pulls: 0,
      pullTime: 0,
      initRuns: 0,
      initTime: 0,
      runTime: 0,
      throttledTime: 0,
    })
  }

  /** The first sandbox of a pod: one that its node makes again counts for no start. */
  sandboxReady(pod: PodRow, isFirst: boolean): void {
    if (!isFirst) return
    const sums = this.of(this.#groupOf(pod))
    sums.sandboxes += 1
    sums.sandboxTime += this.#clock.now - this.#table.boundAt(pod)
  }

  imagePulled(pod: PodRow, _container: string, span: Micros): void {
    const sums = this.of(this.#groupOf(pod))
    sums.pulls += 1
    sums.pullTime += span
  }

  runEnded(pod: PodRow, { kind, span, throttled }: EndedRun): void {
    const sums = this.of(this.#groupOf(pod))
    if (kind === 'init') {
      sums.initRuns += 1
      sums.initTime += span
    } else if (kind === 'regular') {
      sums.runTime += span
      sums.throttledTime += throttled
    }
  }
}
