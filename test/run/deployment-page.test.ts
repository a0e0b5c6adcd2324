import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { runCommandLine } from '../../src/cli/command-line.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const SILENT = { write: () => undefined }

/** Some columns of pods.csv of a run of an example. */
async function podRows(example: string, columns: readonly string[]): Promise<string[]> {
  const out = path.join(mkdtempSync(path.join(tmpdir(), 'stowage-page-')), 'out')
  const scenario = path.join(PROJECT_ROOT, 'docs/examples', example)
  const io = { stdout: SILENT, stderr: SILENT, isTerminal: false }
  expect(await runCommandLine(['run', scenario, '--out', out], io)).toBe(0)
  const [header = '', ...rows] = readFileSync(path.join(out, 'pods.csv'), 'utf8').trim().split('\n')
  const names = header.split(',')
  return rows.map((row) => columns.map((column) => row.split(',')[names.indexOf(column)]).join(','))
}

describe('docs/workloads/deployments.md', () => {
  it('shows what its example does', async () => {
    const text = readFileSync(path.join(PROJECT_ROOT, 'docs/workloads/deployments.md'), 'utf8')
    const [header = '', ...rows] = (/```csv\n([\s\S]*?)\n```/.exec(text)?.[1] ?? '').split('\n')
    expect(rows).toEqual(await podRows('undo.yaml', header.split(',')))
    expect(rows.length).toBeGreaterThan(3)
  })
})
