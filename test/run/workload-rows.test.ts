import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, expect, it } from 'vitest'

import { testFolder } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample, shownColumns } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['garbage-collection', 'drain.yaml'],
  ['deployments', 'undo.yaml'],
])('docs/workloads/%s.md shows what its example does', async (page, example) => {
  const text = readFileSync(path.join(PROJECT_ROOT, 'docs/workloads', `${page}.md`), 'utf8')
  const shown = /```csv\n([\s\S]*?)\n```/.exec(text)?.[1] ?? ''
  const [header = '', ...rows] = shown.split('\n')
  const table = await runExample(example, path.join(folder, page))
  expect(shownColumns(table('pods.csv'), header)).toBe(shown)
  expect(rows.length).toBeGreaterThan(3)
})
