import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { writing } from '../report/output-error.ts'
import { writeOutput } from '../report/output-file.ts'
import type { WrittenPart } from '../report/output-file.ts'

const CHECKPOINT_FILE = 'checkpoint.json'
const FORMAT = 'stowage.dev/checkpoint/v1alpha1'

/** A place in a run, and what it had come to there: from it the same run can be told, and gone on with. */
export interface Checkpoint {
  /** The command line that began the run, without what changes nothing of what is computed. */
  readonly command: readonly string[]
  readonly seed: string
  /** Of stowage and of Node.js. */
  readonly versions: Readonly<Record<string, string>>
  /** Of all inputs, by name. */
  readonly digests: Readonly<Record<string, string>>
  /** Events that had run: the place. */
  readonly events: number
  /** Simulated time there, in seconds. */
  readonly seconds: number
  /** Digest of these events. */
  readonly eventDigest: string
  /** What of each table was on the disk. */
  readonly tables: Readonly<Record<string, WrittenPart>>
}

/** Where the checkpoint of a report directory is. */
export function checkpointFile(directory: string): string {
  return path.join(directory, CHECKPOINT_FILE)
}

/** Whether a run with checkpoints ended early in the directory. */
export function hasCheckpoint(directory: string): boolean {
  return existsSync(checkpointFile(directory))
}

/** Replaces the checkpoint of the directory at once: a reader finds the old one or the new one, whole. */
export function writeCheckpoint(directory: string, checkpoint: Checkpoint): void {
  writeOutput(
    checkpointFile(directory),
    `${JSON.stringify({ format: FORMAT, ...checkpoint }, undefined, 2)}\n`,
  )
}

/** Takes the checkpoint away: the run is whole. */
export function removeCheckpoint(directory: string): void {
  const file = checkpointFile(directory)
  writing(file, () => rmSync(file, { force: true }))
}

/** Reads the checkpoint of a directory. Throws `InputError` when there is none, or the file is none. */
export function readCheckpoint(directory: string): Checkpoint {
  const file = checkpointFile(directory)
  if (!existsSync(file)) {
    const isWhole = existsSync(path.join(directory, 'manifest.json'))
    throw new InputError({
      file,
      message: isWhole
        ? 'is not there: the run came to its end'
        : 'is not there: there is nothing to go on with',
      hint: 'a run leaves checkpoints with --checkpoint; --force begins again',
    })
  }
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Checkpoint & { readonly format?: string }
    if (found.format === FORMAT && found.events > 0 && Array.isArray(found.command)) return found
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new InputError({ file, message: 'is no checkpoint', hint: '--force begins again' })
}
