import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

/**
 * Makes a directory and those above it that are missing.
 *
 * One level at a time: Node's own `recursive` never returns where a file system answers ENOENT below a directory that is
 * there, as /proc does.
 */
export function makeDirectory(directory: string): void {
  if (isDirectory(directory)) return
  const parent = path.dirname(directory)
  if (parent !== directory) makeDirectory(parent)
  mkdirSync(directory)
}

function isDirectory(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
}
