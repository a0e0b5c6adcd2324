import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { assert } from '../base/assert.ts'
import { writing } from './output-error.ts'

/** Ending of the file that is written until the output is whole. */
export const PARTIAL_SUFFIX = '.partial'

/**
 * One output: written beside its place and moved there when it is whole, so that a reader never sees half a
 * file and an earlier run's file stays until the new one is safe on disk.
 *
 * Writes are synchronous. Every failure of the system is an `OutputError`, and takes the unfinished file
 * away.
 */
export class OutputFile {
  readonly path: string
  readonly #partial: string
  #descriptor: number | undefined

  constructor(directory: string, name: string) {
    this.path = path.join(directory, name)
    this.#partial = this.path + PARTIAL_SUFFIX
    this.#descriptor = writing(this.path, () => openSync(this.#partial, 'w'))
  }

  /** Appends the first `length` bytes. */
  write(bytes: Uint8Array, length = bytes.length): void {
    const descriptor = this.#open()
    this.#guarded(() => {
      let written = 0
      while (written < length) written += writeSync(descriptor, bytes, written, length - written)
    })
  }

  /** Appends text as UTF-8. */
  writeText(text: string): void {
    if (text !== '') this.write(Buffer.from(text, 'utf8'))
  }

  /** Brings the bytes to disk and gives the file its name. */
  finish(): void {
    const descriptor = this.#open()
    this.#guarded(() => {
      fsyncSync(descriptor)
      closeSync(descriptor)
      this.#descriptor = undefined
      renameSync(this.#partial, this.path)
    })
  }

  /** Takes the unfinished file away; does nothing after `finish`. */
  abandon(): void {
    if (this.#descriptor === undefined) return
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    closeSync(descriptor)
    rmSync(this.#partial, { force: true })
  }

  #open(): number {
    assert(this.#descriptor !== undefined, () => `${this.path} was written to after its end`)
    return this.#descriptor
  }

  #guarded(body: () => void): void {
    try {
      writing(this.path, body)
    } catch (error) {
      this.abandon()
      throw error
    }
  }
}

/** Writes a whole output at once. */
export function writeOutput(file: string, text: string): void {
  const output = new OutputFile(path.dirname(file), path.basename(file))
  output.writeText(text)
  output.finish()
}
