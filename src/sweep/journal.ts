import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { writing } from '../report/output-error.ts'
import type { UnitResult } from './run-unit.ts'

/** Name of the file in a sweep's directory. */
export const JOURNAL = 'journal.jsonl'

/** What came of a unit: a result, or why there is none. */
export type UnitOutcome =
  | { readonly id: string; readonly result: UnitResult }
  | { readonly id: string; readonly error: { readonly name: string; readonly message: string } }

/**
 * The outcomes of a sweep's units as they come: a line of JSON each, on the disk before the next is taken. A line that a killed
 * process left half written is dropped when the journal is opened again; of two lines of one unit the later counts.
 */
export class Journal {
  readonly #file: string
  readonly #descriptor: number
  readonly #unlock: () => void
  readonly #outcomes = new Map<string, UnitOutcome>()

  /** Opens the journal of a directory, or begins it; `unlock` gives the directory back at the end. Throws `InputError` for lines that are none of a journal's. */
  constructor(directory: string, unlock: () => void) {
    this.#unlock = unlock
    this.#file = path.join(directory, JOURNAL)
    this.#descriptor = writing(this.#file, () => openSync(this.#file, 'a+'))
    const bytes = readFileSync(this.#file)
    const end = bytes.lastIndexOf('\n') + 1
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)
    lines.forEach((line, index) => {
      const outcome = outcomeOf(line, this.#file, index + 1)
      this.#outcomes.set(outcome.id, outcome)
    })
    if (end < bytes.length) writing(this.#file, () => ftruncateSync(this.#descriptor, end))
  }

  /** What is known, by the id of the unit. */
  get outcomes(): ReadonlyMap<string, UnitOutcome> {
    return this.#outcomes
  }

  /** Adds an outcome; it is on the disk when this returns. */
  append(outcome: UnitOutcome): void {
    const bytes = Buffer.from(`${JSON.stringify(outcome)}\n`, 'utf8')
    writing(this.#file, () => {
      let written = 0
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written)
      fsyncSync(this.#descriptor)
    })
    this.#outcomes.set(outcome.id, outcome)
  }

  close(): void {
    closeSync(this.#descriptor)
    this.#unlock()
  }
}

function outcomeOf(line: string, file: string, number: number): UnitOutcome {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = undefined
  }
  if (isOutcome(value)) return value
  throw new InputError({
    file,
    line: number,
    message: 'is no line of a journal',
    hint: '--force begins the sweep anew',
  })
}

function isOutcome(value: unknown): value is UnitOutcome {
  return (
    typeof value === 'object' && value !== null && 'id' in value && ('result' in value || 'error' in value)
  )
}
