/** Something that runs to its end when its turn comes. */
export type Routine = () => void

/**
 * The order in which goroutines run on one processor: the one that was made ready last is next, and the one that it takes this
 * place from goes to the end of the line. Recordings of controllers that read caches were made so, and what a controller had
 * not heard of yet shows in what it did.
 *
 * Source: Go 1.25, runtime/proc.go `ready`, `runqput`.
 */
export class Processor {
  readonly #line: Routine[] = []
  #next: Routine | undefined

  /** Makes a routine ready to run; one that is ready already keeps its place. */
  ready(routine: Routine): void {
    if (routine === this.#next || this.#line.includes(routine)) return
    this.yieldNext()
    this.#next = routine
  }

  /** Puts a routine at the end of the line. */
  readyLast(routine: Routine): void {
    if (routine !== this.#next && !this.#line.includes(routine)) this.#line.push(routine)
  }

  /** The routine whose turn is next goes to the end of the line. */
  yieldNext(): void {
    if (this.#next !== undefined) this.#line.push(this.#next)
    this.#next = undefined
  }

  /** Runs the next routine; false when there is none. */
  runNext(): boolean {
    const routine = this.#next ?? this.#line.shift()
    this.#next = undefined
    routine?.()
    return routine !== undefined
  }

  /**
   * Starts calls at once, as a worker does that waits for all of them, and lets others have their turns until the last call
   * has ended; then it goes on before those that are ready.
   */
  runAll(calls: readonly Routine[]): void {
    let running = calls.length
    for (const call of calls) {
      this.ready(() => {
        call()
        running -= 1
      })
    }
    while (running > 0) this.runNext()
    if (calls.length > 0) this.yieldNext()
  }
}
