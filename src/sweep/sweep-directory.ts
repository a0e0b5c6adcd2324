import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { makeDirectory } from '../report/make-directory.ts'
import { writing } from '../report/output-error.ts'
import { writeOutput } from '../report/output-file.ts'
import { JOURNAL, Journal } from './journal.ts'
import type { FileDigests } from './point-files.ts'
import type { SweepDefinition } from './sweep-definition.ts'
import { LOCK, lockSweep } from './sweep-lock.ts'

/** Name of the file that says which sweep a directory is of. */
const RECORD = 'sweep.json'

/** What is kept of a sweep beside its journal. */
export interface SweepRecord {
  readonly format: 'stowage.dev/sweep/v1alpha1'
  readonly version: string
  /** Of all that the results of every point depend on. */
  readonly digest: string
  /** Files that single points name, by path; records that are older have none. */
  readonly files?: FileDigests
  readonly definition: SweepDefinition
}

/** A sweep that is open. */
export interface OpenSweep {
  readonly journal: Journal
  /** Files that single points name and that are other ones than when the sweep was last at work: their runs are other runs now. */
  readonly changed: readonly string[]
}

/**
 * The journal of a sweep in a directory: of a sweep that was begun there before, if it is the same one; else a new one. Throws
 * `InputError` where the directory holds anything else, unless that may be replaced, and while another process is at work there.
 */
export function openSweep(directory: string, record: SweepRecord, mayReplace: boolean): OpenSweep {
  const isKnown = existsSync(path.join(directory, RECORD))
  if (!mayReplace && !isKnown && holdsOther(directory)) {
    throw new InputError({
      file: directory,
      message: 'exists already, and holds no sweep',
      hint: 'give another --out, or --force to write into it',
    })
  }
  writing(directory, () => makeDirectory(directory))
  const unlock = lockSweep(directory)
  try {
    let changed: readonly string[] = []
    if (mayReplace) rmSync(path.join(directory, JOURNAL), { force: true })
    else if (existsSync(path.join(directory, RECORD))) changed = changedFiles(directory, record)
    writeOutput(path.join(directory, RECORD), `${JSON.stringify(record, undefined, 2)}\n`)
    return { journal: new Journal(directory, unlock), changed }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Whether something is there; the lock of a sweep that was killed before it had a record is nothing. */
function holdsOther(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((name) => name !== LOCK)
}

/** Files of single points that have changed since; throws `InputError` where it is another sweep. */
function changedFiles(directory: string, record: SweepRecord): readonly string[] {
  const known = readRecord(directory)
  if (known.digest === record.digest) {
    const { files = {} } = known
    return Object.keys(files).filter((place) => files[place] !== record.files?.[place])
  }
  throw new InputError({
    file: directory,
    message: 'holds another sweep',
    hint: `${differenceOf(known, record)}; give another --out, or --force to begin anew`,
  })
}

/** The record of the sweep in a directory; throws `InputError` where there is none. */
export function readRecord(directory: string): SweepRecord {
  const file = path.join(directory, RECORD)
  const wrong = (message: string): InputError =>
    new InputError({ file, message, hint: 'give the directory of a sweep' })
  if (!existsSync(file)) throw wrong('is not there')
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as SweepRecord
    if (record.format === 'stowage.dev/sweep/v1alpha1') return record
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw wrong('is no record of a sweep')
}

/** What sets two sweeps apart, as far as their records tell. */
function differenceOf(known: SweepRecord, record: SweepRecord): string {
  if (known.version !== record.version) return `of stowage ${known.version}`
  const fields = (['base', 'parameters', 'draws', 'seeds'] as const).filter((name) => {
    return JSON.stringify(known.definition[name]) !== JSON.stringify(record.definition[name])
  })
  const words = {
    base: 'scenario or its flags',
    parameters: 'parameters',
    draws: 'draws of points',
    seeds: 'seeds',
  }
  return fields.length === 0
    ? 'the scenario or a file that it names has changed'
    : `it has other ${fields.map((name) => words[name]).join(' and ')}`
}
