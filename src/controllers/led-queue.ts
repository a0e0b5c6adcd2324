import type { Led } from './leader-election.ts'

/**
 * Work of a controller that acts at once on what it hears: done as it comes while its process leads, in order when the next one leads
 * otherwise, which finds the same by listing all objects.
 */
export class LedQueue implements Led {
  readonly #missed: (() => void)[] = []
  #isPaused = false

  /** Does the work now, or when a process leads again. */
  do(work: () => void): void {
    if (this.#isPaused) this.#missed.push(work)
    else work()
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    if (!isPaused) for (const work of this.#missed.splice(0)) work()
  }
}
