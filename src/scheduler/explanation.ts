import { lostMessage } from './binder.ts'
import type { LostRoom } from './binder.ts'
import type { Cycle } from './cycle.ts'
import { isPlaced } from './decision.ts'
import type { Decision } from './decision.ts'
import { diagnosisOf, fitErrorMessage } from './fit-error.ts'
import type { PostFilterResult } from './framework/post-filter.ts'
import type { NodePicker } from './node-picker.ts'
import type { SchedulingQueue } from './queue.ts'
import { EXHAUSTIVE, messageOf, runPostFilters } from './trial-runner.ts'

const NO_MESSAGE = Object.freeze({ message: '' })

/** Why the present decision gave its pod no node. */
export class Explanation {
  readonly #cycle: Cycle
  readonly #picker: NodePicker
  #failure: string | undefined
  #postFilter: { readonly message: PostFilterResult['message'] } = NO_MESSAGE
  #isKnown = false

  constructor(cycle: Cycle, picker: NodePicker) {
    this.#cycle = cycle
    this.#picker = picker
  }

  /** Another decision begins. */
  clear(): void {
    this.#failure = undefined
    this.#postFilter = NO_MESSAGE
    this.#isKnown = false
  }

  /** The decision ends in an error, or the pod has lost the node that it waited with. */
  failed(message: string): void {
    this.#failure = message
  }

  /** The pod of the decision had a node, and has lost it. */
  lost(decision: Decision, end: LostRoom): void {
    decision.outcome = 'unschedulable'
    decision.rejectedBy = [end.plugin]
    this.failed(lostMessage(end))
  }

  /** The cycle holds why the pod failed. */
  isInCycle(): void {
    this.#isKnown = true
  }

  /** What PostFilter came to. */
  ended(result: PostFilterResult): void {
    this.#postFilter = result
  }

  /**
   * The FitError for the pod of the decision, if it is in the queue, empty for one that has a node; runs the definition when a
   * shorter way was taken.
   */
  messageFor({ pod: row, outcome }: Pick<Decision, 'pod' | 'outcome'>, queue: SchedulingQueue): string {
    if (isPlaced({ outcome })) return ''
    const pod = queue.get(row)
    if (this.#failure !== undefined) return this.#failure
    if (!this.#isKnown && pod !== undefined) {
      this.#isKnown = true
      this.#picker.explain(pod.profile, pod.podClass, pod.row)
      this.#postFilter = runPostFilters(this.#cycle, EXHAUSTIVE) ?? NO_MESSAGE
    }
    return fitErrorMessage(diagnosisOf(this.#cycle), messageOf(this.#postFilter))
  }
}
