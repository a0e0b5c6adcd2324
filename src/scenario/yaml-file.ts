import { readFileSync } from 'node:fs'

import { LineCounter, parseDocument, stringify } from 'yaml'

import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import type { YamlPositions } from './validate.ts'

/** Reads a YAML file so that the place of every field is known. Throws `InputError` when it is none. */
export function parseYamlFile(file: string): YamlPositions {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw unreadable(file)
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    throw new InputError({ file, line, column: col, message: reasonOf(error.message) })
  }
  return { file, document, lines }
}

/** A plain value as YAML, each thing written out where it stands. */
export function yamlText(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 110 })
}

/** The first line of what the parser says, without the place, which is told before it. */
function reasonOf(message: string): string {
  const [reason = ''] = message.split('\n')
  return reason.replace(/ at line \d+, column \d+:?$/, '')
}
