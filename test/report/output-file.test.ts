import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { OutputError } from '../../src/report/output-error.ts'
import { OutputFile } from '../../src/report/output-file.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** The device that is always full, where the system has one. */
const FULL_DEVICE = '/dev/full'

describe('OutputFile', () => {
  it('shows the file under its name only when it is whole', () => {
    const directory = temporaryDirectory()
    writeFileSync(path.join(directory, 'a.csv'), 'of an earlier run')
    const file = new OutputFile(directory, 'a.csv')
    file.writeText('first ')
    expect(readFileSync(path.join(directory, 'a.csv'), 'utf8')).toBe('of an earlier run')
    file.writeText('second é')
    file.finish()
    expect(readFileSync(path.join(directory, 'a.csv'), 'utf8')).toBe('first second é')
    expect(readdirSync(directory)).toEqual(['a.csv'])
  })

  it('leaves nothing behind when it is abandoned', () => {
    const directory = temporaryDirectory()
    const file = new OutputFile(directory, 'a.csv')
    file.writeText('half')
    file.abandon()
    file.abandon()
    expect(readdirSync(directory)).toEqual([])
  })

  it.skipIf(!existsSync(FULL_DEVICE))(
    'says in one line that the disk is full, and keeps the earlier file',
    () => {
      const directory = temporaryDirectory()
      writeFileSync(path.join(directory, 'a.csv'), 'of an earlier run')
      symlinkSync(FULL_DEVICE, path.join(directory, 'a.csv.partial'))
      const file = new OutputFile(directory, 'a.csv')
      const target = path.join(directory, 'a.csv')
      expect(() => file.writeText('no room')).toThrow(
        new OutputError({
          file: target,
          message: 'cannot be written: the disk is full',
          hint: 'free some space or give another --out',
        }),
      )
      expect(readFileSync(target, 'utf8')).toBe('of an earlier run')
      expect(readdirSync(directory)).toEqual(['a.csv'])
    },
  )

  it('says which file cannot be opened', () => {
    const directory = temporaryDirectory()
    mkdirSync(path.join(directory, 'a.csv.partial'))
    expect(() => new OutputFile(directory, 'a.csv')).toThrow(OutputError)
    expect(() => new OutputFile(path.join(directory, 'none'), 'a.csv')).toThrow(
      /none\/a\.csv: cannot be written/,
    )
  })
})
