import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { COLUMNS } from '../../../src/report/columns.ts'
import { csvText } from '../../../src/report/csv.ts'
import { podDifferences } from '../../../src/report/diff/pod-differences.ts'

interface Lived {
  readonly name: string
  readonly bound: number
  readonly node: string
}

const directories: string[] = []

/** A run that has left pods.csv alone. */
function runOf(pods: readonly Lived[]): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'stowage-diff-'))
  directories.push(directory)
  const rows = pods.map(({ name, bound, node }) => {
    const cells = { namespace: 'default', name, attempt: 0, bound_s: bound, node, outcome: 'Running' }
    return COLUMNS['pods.csv'].map((column) => (cells as Record<string, string | number>)[column])
  })
  writeFileSync(path.join(directory, 'pods.csv'), csvText([COLUMNS['pods.csv'], ...rows]))
  return directory
}

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
})

describe('pods of two runs', () => {
  const first = { name: 'db-1', bound: 18.5, node: 'b-10' }
  const second = { name: 'db-1', bound: 5400, node: 'b-05' }

  it('are told apart where one of a StatefulSet came again under its name', async () => {
    const same = { common: 2, onlyInA: 0, onlyInB: 0, otherNode: 0, first: undefined }
    expect(await podDifferences(runOf([first, second]), runOf([first, second]))).toMatchObject(same)
  })

  it('differ in the one of that name that does', async () => {
    const found = await podDifferences(runOf([first, second]), runOf([first, { ...second, node: 'b-07' }]))
    expect(found).toMatchObject({ common: 2, otherNode: 1, otherBoundTime: 0 })
    expect(found.first).toMatchObject({ pod: 'default/db-1', a: { node: 'b-05' }, b: { node: 'b-07' } })
  })

  it('are missing where it did not come again', async () => {
    const found = await podDifferences(runOf([first, second]), runOf([first]))
    expect(found).toMatchObject({ common: 1, onlyInA: 1, onlyInB: 0 })
  })
})
