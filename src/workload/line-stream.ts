import { createHash } from 'node:crypto'
import { createReadStream, openSync, closeSync, readSync, statSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import type { Gunzip } from 'node:zlib'

import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'

/**
 * The lines of a file, gzip'd or not (by its first bytes), a chunk's worth at a time; never the whole file.
 *
 * `\r\n` and a missing last line end are fine. Throws `InputError` for a file that cannot be read or whose gzip data is
 * cut short.
 */
export class LineStream {
  readonly #file: string
  readonly #hash = createHash('sha256')
  #bytesRead = 0
  #isWhole = false
  /** Size of the file, as it is on disk. */
  readonly bytesTotal: number

  constructor(file: string) {
    this.#file = file
    try {
      this.bytesTotal = statSync(file).size
    } catch {
      throw unreadable(file)
    }
  }

  /** Bytes of the file that the lines handed out so far came from, as they are on disk. */
  get bytesRead(): number {
    return this.#bytesRead
  }

  /** SHA-256 of the file, once it was read to its end. */
  get digest(): string | undefined {
    return this.#isWhole ? this.#hash.copy().digest('hex') : undefined
  }

  /** Groups of whole lines, without their ends. */
  async *chunks(): AsyncGenerator<readonly string[]> {
    const source = createReadStream(this.#file, { highWaterMark: 1 << 16 })
    source.on('data', (chunk: string | Buffer) => {
      this.#hash.update(chunk)
    })
    const gunzip: Gunzip | undefined = isGzip(this.#file) ? createGunzip() : undefined
    const bytes = gunzip === undefined ? source : source.pipe(gunzip)
    source.on('error', (error) => gunzip?.destroy(error))
    const decoder = new StringDecoder('utf8')
    let rest = ''
    try {
      for await (const chunk of bytes) {
        this.#bytesRead = gunzip?.bytesWritten ?? this.#bytesRead + (chunk as Buffer).length
        const text = rest + decoder.write(chunk as Buffer)
        const lines = text.split('\n')
        rest = lines.pop() ?? ''
        if (lines.length > 0) yield text.includes('\r') ? lines.map(withoutReturn) : lines
      }
    } catch (error) {
      throw this.#asInputError(error)
    } finally {
      source.destroy()
    }
    rest += decoder.end()
    if (rest !== '') yield [withoutReturn(rest)]
    this.#bytesRead = source.bytesRead
    this.#isWhole = true
  }

  #asInputError(error: unknown): unknown {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'Z_BUF_ERROR') {
      return new InputError({
        file: this.#file,
        message: 'the gzip data is cut short',
        hint: 'fetch the file again',
      })
    }
    if (code.startsWith('Z_'))
      return new InputError({ file: this.#file, message: 'the gzip data is damaged' })
    if (code === 'EISDIR') return unreadable(this.#file)
    return error
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function isGzip(file: string): boolean {
  const start = Buffer.alloc(2)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, start, 0, 2, 0)
  } catch {
    return false
  } finally {
    closeSync(handle)
  }
  return start[0] === 0x1f && start[1] === 0x8b
}
