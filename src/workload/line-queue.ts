import { LineStream } from './line-stream.ts'

/** Lines of a file that is read in step with another: as many in memory as were asked for, and a chunk's worth. */
export class LineQueue {
  readonly #chunks: AsyncGenerator<readonly string[]>
  #lines: string[] = []
  #next = 0

  /** Throws `InputError` for a file that cannot be read. */
  constructor(file: string) {
    this.#chunks = new LineStream(file).chunks()
  }

  /** Reads on until `count` lines are there to take, or the file ends. Throws `InputError` for damaged gzip data. */
  async fill(count: number): Promise<void> {
    if (this.#lines.length - this.#next >= count) return
    this.#lines = this.#lines.slice(this.#next)
    this.#next = 0
    while (this.#lines.length < count) {
      const chunk = await this.#chunks.next()
      if (chunk.done === true) return
      for (const line of chunk.value) this.#lines.push(line)
    }
  }

  /** The next line; undefined when none is there. */
  take(): string | undefined {
    const line = this.#lines[this.#next]
    this.#next += 1
    return line
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined)
  }
}
