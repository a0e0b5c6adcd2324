import { formatProblem } from '../base/errors.ts'
import type { InputProblem } from '../base/errors.ts'

/**
 * An output that could not be written: a full disk, a missing right. One line; what was on disk before stays.
 */
export class OutputError extends Error {
  override name = 'OutputError'
  readonly problem: InputProblem

  constructor(problem: InputProblem) {
    super(formatProblem(problem))
    this.problem = problem
  }
}

const WHAT_TO_DO: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'free some space or give another --out'],
  ['EDQUOT', 'free some of the quota or give another --out'],
  ['EFBIG', 'raise the limit of file sizes (ulimit -f) or write less'],
  ['EACCES', 'give an --out that you may write to'],
  ['EPERM', 'give an --out that you may write to'],
  ['EROFS', 'give an --out on a disk that can be written'],
  ['ENOENT', 'give a path in a directory that is there'],
  ['ENOTDIR', 'give another --out'],
  ['EEXIST', 'a file has the name of the directory: give another --out'],
])

const WHAT_HAPPENED: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'it would be larger than files may be'],
  ['EIO', 'the disk has failed'],
  ['EACCES', 'writing is not permitted'],
  ['EPERM', 'writing is not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'there is no such directory'],
  ['ENOTDIR', 'a part of the path is no directory'],
  ['EISDIR', 'it is a directory'],
])

/** Runs a file operation; a failure of the system becomes an `OutputError` that names the file. */
export function writing<T>(file: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const code = String(error.code)
    const message = `cannot be written: ${WHAT_HAPPENED.get(code) ?? error.message}`
    const hint = WHAT_TO_DO.get(code)
    throw new OutputError(hint === undefined ? { file, message } : { file, message, hint })
  }
}
