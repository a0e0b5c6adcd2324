import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

import { assert } from '../base/assert.ts'
import { writing } from './output-error.ts'

/** Ending of the file that is written until the output is whole. */
export const PARTIAL_SUFFIX = '.partial'

/** The bytes of an output up to a place of its run. */
export interface WrittenPart {
  readonly bytes: number
  /** SHA-256 of them, in hexadecimal digits. */
  readonly sha256: string
}

/** How an output is written whose run may be gone on with. */
export interface ResumableOutput {
  /** The part that an earlier run left, which comes again before anything new: only what follows is written. */
  readonly from?: WrittenPart
}

/** Bytes that are read at a time of a part that is there already. */
const READ_SIZE = 1 << 20

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
  /** Over all bytes, where the run may be gone on with. */
  readonly #hash: Hash | undefined
  readonly #from: WrittenPart | undefined
  #bytes = 0
  /** Whether what comes is on the disk already. */
  #isThere: boolean
  #keeps = false

  constructor(directory: string, name: string, resumable?: ResumableOutput) {
    this.path = path.join(directory, name)
    this.#partial = this.path + PARTIAL_SUFFIX
    this.#hash = resumable === undefined ? undefined : createHash('sha256')
    this.#from = resumable?.from
    const kept = this.#from === undefined ? undefined : openPart(this.#partial, this.#from)
    this.#isThere = kept !== undefined
    this.#descriptor = kept ?? writing(this.path, () => openSync(this.#partial, 'w'))
  }

  /** Appends the first `length` bytes. */
  write(bytes: Uint8Array, length = bytes.length): void {
    const descriptor = this.#open()
    this.#hash?.update(length === bytes.length ? bytes : bytes.subarray(0, length))
    this.#bytes += length
    if (this.#isThere) return
    this.#guarded(() => {
      let written = 0
      while (written < length) written += writeSync(descriptor, bytes, written, length - written)
    })
  }

  /** Appends text as UTF-8. */
  writeText(text: string): void {
    if (text !== '') this.write(Buffer.from(text, 'utf8'))
  }

  /**
   * The run has come to where the part that was left ends: says whether the same bytes came as had been written; what
   * follows is written behind them.
   */
  goOn(): boolean {
    const descriptor = this.#open()
    const { bytes, sha256 } = this.#part()
    const isSame = this.#from !== undefined && this.#from.bytes === bytes && this.#from.sha256 === sha256
    if (!isSame || !this.#isThere) return isSame
    this.#isThere = false
    // What was written behind it by the run that ended early comes again.
    this.#guarded(() => ftruncateSync(descriptor, bytes))
    return true
  }

  /** Brings what was written to disk, where it stays if this run ends early; returns what it is. */
  keep(): WrittenPart {
    const descriptor = this.#open()
    this.#guarded(() => fsyncSync(descriptor))
    this.#keeps = true
    return this.#part()
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

  /** Where the bytes are until `finish`. */
  get partialPath(): string {
    return this.#partial
  }

  /** Takes the unfinished file away, whatever may be gone on with: it was needed on the way only. */
  drop(): void {
    closeSync(this.#open())
    this.#descriptor = undefined
    this.#guarded(() => rmSync(this.#partial, { force: true }))
  }

  /** Takes the unfinished file away, or leaves it where it may be gone on with; does nothing after `finish`. */
  abandon(): void {
    if (this.#descriptor === undefined) return
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    closeSync(descriptor)
    if (!this.#keeps && this.#from === undefined) rmSync(this.#partial, { force: true })
  }

  #part(): WrittenPart {
    assert(this.#hash !== undefined, () => `${this.path} was not said to be resumable`)
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') }
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

/**
 * Opens an unfinished file to append to when it begins with the part, at the part's end; undefined when it is not there or
 * begins otherwise: then it is written anew.
 */
function openPart(file: string, { bytes, sha256 }: WrittenPart): number | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r+')
  } catch {
    return undefined
  }
  const hash = createHash('sha256')
  const chunk = Buffer.allocUnsafe(READ_SIZE)
  let left = fstatSync(descriptor).size < bytes ? 0 : bytes
  while (left > 0) {
    const length = readSync(descriptor, chunk, 0, Math.min(left, READ_SIZE), null)
    if (length === 0) break
    hash.update(chunk.subarray(0, length))
    left -= length
  }
  if (hash.digest('hex') === sha256) return descriptor
  closeSync(descriptor)
  return undefined
}

/** Writes a whole output at once. */
export function writeOutput(file: string, text: string): void {
  const output = new OutputFile(path.dirname(file), path.basename(file))
  output.writeText(text)
  output.finish()
}
