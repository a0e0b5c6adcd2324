import { existsSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { makeDirectory } from '../../src/report/make-directory.ts'
import { temporaryDirectory } from './temporary-directory.ts'

it('makes what is missing on the way, and is content with what is there', () => {
  const place = path.join(temporaryDirectory(), 'a', 'b', 'c')
  makeDirectory(place)
  makeDirectory(place)
  expect(statSync(place).isDirectory()).toBe(true)
})

it('ends where a file is in the way', () => {
  const file = path.join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  expect(() => makeDirectory(path.join(file, 'below'))).toThrow('ENOTDIR')
  expect(() => makeDirectory(file)).toThrow('EEXIST')
})

it.runIf(existsSync('/proc/self'))('ends where a file system makes no directories', () => {
  expect(() => makeDirectory('/proc/stowage/run')).toThrow(/ENOENT|EACCES|EPERM/)
})
