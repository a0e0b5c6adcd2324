import { statSync } from 'node:fs'

import { InputError } from './errors.ts'

/** What is wrong with a file that could not be read: it is a directory, is not there, or may not be read. */
export function unreadable(file: string): InputError {
  if (isDirectory(file)) return new InputError({ file, message: 'is a directory', hint: 'give a file' })
  return new InputError({ file, message: 'cannot be read', hint: 'is the path right?' })
}

/** Whether a directory is there. */
export function isDirectory(file: string): boolean {
  try {
    return statSync(file).isDirectory()
  } catch {
    return false
  }
}
