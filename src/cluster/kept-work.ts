import type { Micros } from '../base/time.ts'
import type { PodRow } from './rows.ts'

/** What outlasts the containers of a pod: its last checkpoint, in storage that no machine takes with it. */
interface Checkpoints {
  /** Running time between two of them, from the start of the containers. */
  readonly interval: Micros
  /** How long its containers run in all: no checkpoint holds more. */
  readonly duration: Micros
  /** Running time that the last one holds; undefined while the pod may still make another that counts. */
  kept: Micros | undefined
}

/**
 * Work of pods that is not lost with them, because they write checkpoints: pods that nobody began here keep nothing.
 *
 * What a pod keeps is settled once: when its containers end before their work is done, or when another pod takes over,
 * whichever is first. What it does after that is lost.
 */
export class KeptWork {
  readonly #byPod = new Map<PodRow, Checkpoints>()

  /** A new pod has the row, which writes checkpoints at this interval, above 0. */
  begin(pod: PodRow, setting: { readonly interval: Micros; readonly duration: Micros }): void {
    this.#byPod.set(pod, { ...setting, kept: undefined })
  }

  /** The row of a pod is free: the next pod in it has nothing of this one. */
  forget(pod: PodRow): void {
    if (this.#byPod.size > 0) this.#byPod.delete(pod)
  }

  /** What a pod keeps that has run for so long when it is lost now, at most the whole span; settles nothing. */
  wouldKeep(pod: PodRow, span: Micros): Micros {
    if (this.#byPod.size === 0) return 0
    const checkpoints = this.#byPod.get(pod)
    return checkpoints === undefined ? 0 : keptOf(checkpoints, span)
  }

  /** What a pod keeps that has run for so long and is lost, or taken over from: settled from now on. */
  keep(pod: PodRow, span: Micros): Micros {
    if (this.#byPod.size === 0) return 0
    const checkpoints = this.#byPod.get(pod)
    if (checkpoints === undefined) return 0
    checkpoints.kept = keptOf(checkpoints, span)
    return checkpoints.kept
  }
}

function keptOf({ interval, duration, kept }: Checkpoints, span: Micros): Micros {
  return kept ?? Math.floor(Math.min(span, duration) / interval) * interval
}
