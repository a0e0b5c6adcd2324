import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { LOCK, lockSweep } from '../../src/sweep/sweep-lock.ts'

function folder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'stowage-lock-'))
}

describe('lockSweep', () => {
  it('refuses a directory that a living process is at work in', () => {
    const directory = folder()
    writeFileSync(path.join(directory, LOCK), `${process.ppid} ${os.hostname()}\n`)
    expect(() => lockSweep(directory)).toThrow(`another process is at work on this sweep: ${process.ppid}`)
  })

  it('takes over the lock of a process that has ended, and gives it back', () => {
    const directory = folder()
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(path.join(directory, LOCK), `${pid} ${os.hostname()}\n`)
    const unlock = lockSweep(directory)
    expect(existsSync(path.join(directory, LOCK))).toBe(true)
    unlock()
    expect(existsSync(path.join(directory, LOCK))).toBe(false)
  })

  it('refuses the lock of another host', () => {
    const directory = folder()
    writeFileSync(path.join(directory, LOCK), '1 elsewhere.invalid\n')
    expect(() => lockSweep(directory)).toThrow('1 on elsewhere.invalid')
  })
})
