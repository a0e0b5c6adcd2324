import { NEVER } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { EventSource } from '../engine/simulation.ts'
import type { TraceReader } from '../workload/trace-reader.ts'
import type { TraceTask } from '../workload/trace-task.ts'

/** Where tasks come from in order of arrival: a trace, or a generator, which counts pods for bytes. */
export type TaskReader = Pick<TraceReader, 'batches' | 'position' | 'bytesTotal' | 'warnings' | 'digest'>

/**
 * A trace as a source of events: tasks that were read and wait for their arrival, and more where they come from.
 *
 * The simulation may run to just before `knownUntil`: tasks at that instant may follow that were not read yet, and how
 * a trace is cut into batches must not show in a run.
 */
export class TraceFeed implements EventSource {
  readonly #reader: Pick<TraceReader, 'batches' | 'position'>
  readonly #batches: AsyncIterator<readonly TraceTask[]>
  readonly #submit: (task: TraceTask) => void
  #tasks: TraceTask[] = []
  #next = 0
  /** Where the tasks held begin in the trace. */
  #from = 0
  #isExhausted = false

  constructor(reader: Pick<TraceReader, 'batches' | 'position'>, submit: (task: TraceTask) => void) {
    this.#reader = reader
    this.#batches = reader.batches()[Symbol.asyncIterator]()
    this.#submit = submit
  }

  /** Whether every task of the trace has been read; some may still wait. */
  get isExhausted(): boolean {
    return this.#isExhausted
  }

  /** Every task before this instant has been read. */
  get knownUntil(): Micros {
    if (this.#isExhausted) return NEVER
    return this.#tasks.at(-1)?.at ?? 0
  }

  /** How far the tasks submitted are in the trace, in bytes as on disk. */
  get position(): number {
    const share = this.#tasks.length === 0 ? 1 : this.#next / this.#tasks.length
    return this.#from + (this.#reader.position - this.#from) * share
  }

  nextAt(): Micros {
    return this.#tasks[this.#next]?.at ?? NEVER
  }

  run(): void {
    const task = this.#tasks[this.#next++]
    if (task !== undefined) this.#submit(task)
  }

  /** Reads on until more is known than that nothing comes before `after`. */
  async fill(after: Micros): Promise<void> {
    while (!this.#isExhausted && this.knownUntil <= after) {
      const position = this.position
      const batch = await this.#batches.next()
      if (batch.done === true) {
        this.#isExhausted = true
        return
      }
      this.#tasks = this.#tasks.slice(this.#next).concat(batch.value)
      this.#next = 0
      this.#from = position
    }
  }

  /** Lets go of the file when the run ends before the trace does. */
  async close(): Promise<void> {
    await this.#batches.return?.()
  }
}
