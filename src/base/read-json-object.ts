import { readFileSync } from 'node:fs'

import { InputError } from './errors.ts'
import { unreadable } from './unreadable.ts'

/** The object that a JSON file holds. Throws `InputError`, with `message` where it holds anything else. */
export function readJsonObject(file: string, message: string): Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw unreadable(file)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new InputError({ file, message })
}
