import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

import { InputError } from '../base/errors.ts'
import { isDirectory, unreadable } from '../base/unreadable.ts'

/** A recorded case, whatever it is about. */
export interface FiledCase {
  readonly id: string
  readonly family: string
  readonly input: unknown
  readonly expected: unknown
}

/** The cases of a file, one a line, as they are read; `.gz` is unpacked. */
export async function* readCases(file: string): AsyncGenerator<FiledCase> {
  if (!existsSync(file) || isDirectory(file)) throw unreadable(file)
  const source = createReadStream(file)
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  let line = 0
  try {
    for await (const content of linesOf(file, text)) {
      line += 1
      if (content.trim() !== '') yield caseOf(file, line, content)
    }
  } finally {
    source.destroy()
  }
}

function caseOf(file: string, line: number, content: string): FiledCase {
  let parsed: unknown
  try {
    parsed = JSON.parse(content)
  } catch (error) {
    throw new InputError({ file, line, message: error instanceof Error ? error.message : 'is no JSON' })
  }
  const { id, family, input, expected } = (parsed ?? {}) as Partial<FiledCase>
  if (id === undefined || family === undefined || input === undefined) {
    const hint = 'expected id, family, input and expected'
    throw new InputError({ file, line, message: 'is no case', hint })
  }
  return { id, family, input, expected }
}

async function* linesOf(file: string, input: NodeJS.ReadableStream): AsyncGenerator<string> {
  try {
    yield* createInterface({ input, crlfDelay: Infinity })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new InputError({ file, message: `cannot be read to its end: ${error.message}` })
  }
}
