import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { runCommandLine } from '../../src/cli/command-line.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const SILENT = { write: () => undefined }

/** The rows of pods.csv of a run of docs/examples/sets.yaml, with the columns that the pages show. */
async function rowsOf(kind: string, columns: readonly string[]): Promise<string[]> {
  const out = path.join(mkdtempSync(path.join(tmpdir(), 'stowage-sets-')), 'out')
  const scenario = path.join(PROJECT_ROOT, 'docs/examples/sets.yaml')
  const io = { stdout: SILENT, stderr: SILENT, isTerminal: false }
  expect(await runCommandLine(['run', scenario, '--out', out], io)).toBe(0)
  const [header = '', ...rows] = readFileSync(path.join(out, 'pods.csv'), 'utf8').trim().split('\n')
  const names = header.split(',')
  return rows
    .map((row) => row.split(','))
    .filter((row) => row[names.indexOf('owner_kind')] === kind)
    .map((row) => columns.map((column) => row[names.indexOf(column)]).join(','))
}

describe.each([
  { kind: 'StatefulSet', page: 'docs/workloads/statefulsets.md' },
  { kind: 'DaemonSet', page: 'docs/workloads/daemonsets.md' },
])('$page', ({ kind, page }) => {
  it('shows what its example does', async () => {
    const text = readFileSync(path.join(PROJECT_ROOT, page), 'utf8')
    const [header = '', ...rows] = (/```csv\n([\s\S]*?)\n```/.exec(text)?.[1] ?? '').split('\n')
    expect(rows).toEqual(await rowsOf(kind, header.split(',')))
    expect(rows.length).toBeGreaterThan(3)
  })
})
