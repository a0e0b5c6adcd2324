import { readFileSync } from 'node:fs'

import { LineCounter, parseDocument } from 'yaml'

import { InputError } from '../base/errors.ts'
import type { YamlPositions } from './validate.ts'

/** Reads a YAML file so that the place of every field is known. Throws `InputError` when it is none. */
export function parseYamlFile(file: string): YamlPositions {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new InputError({ file, message: 'cannot be read', hint: 'is the path right?' })
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    throw new InputError({ file, line, column: col, message: error.message.split('\n')[0] ?? 'is no YAML' })
  }
  return { file, document, lines }
}
