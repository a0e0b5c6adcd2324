import type { PodRow } from '../cluster/rows.ts'

/** Measuring instruments that hear of pods which have to back off before they are tried again. */
export class BackoffObservers {
  readonly #observers: ((pod: PodRow) => void)[] = []

  observe(observer: (pod: PodRow) => void): void {
    this.#observers.push(observer)
  }

  readonly tell = (pod: PodRow): void => {
    for (const observer of this.#observers) observer(pod)
  }
}
