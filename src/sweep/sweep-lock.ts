import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { writing } from '../report/output-error.ts'

/** Name of the file that says which process is at work in a sweep's directory. */
export const LOCK = 'sweep.lock'

/**
 * Takes a sweep's directory for this process, and returns what gives it back. A lock whose process has ended, as after `kill -9`, is
 * taken over: no clock is asked. Throws `InputError` while another process of this host is at work there, or one of another host, of
 * which nobody here can tell whether it has ended.
 */
export function lockSweep(directory: string): () => void {
  const file = path.join(directory, LOCK)
  const own = `${process.pid} ${os.hostname()}\n`
  if (!made(file, own)) {
    const holder = textOf(file)
    const [pid = '', host = ''] = holder.trim().split(' ')
    if (isAtWork(Number(pid), host)) throw taken(directory, pid, host)
    rmSync(file, { force: true })
    if (!made(file, own)) throw taken(directory, ...(textOf(file).trim().split(' ') as [string, string]))
  }
  return () => {
    if (textOf(file) === own) rmSync(file, { force: true })
  }
}

/** Whether the file was made here: false where it was there before. */
function made(file: string, text: string): boolean {
  return writing(file, () => {
    try {
      writeFileSync(file, text, { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** A process with our own id is none: it had the id before us, as the first process of a container has. */
function isAtWork(pid: number, host: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || host === '') return false
  if (host !== os.hostname()) return true
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function taken(directory: string, pid = '?', host = '?'): InputError {
  return new InputError({
    file: directory,
    message: `another process is at work on this sweep: ${pid} on ${host}`,
    hint: `wait for it, or give another --out; if it is no sweep, remove ${path.join(directory, LOCK)}`,
  })
}
