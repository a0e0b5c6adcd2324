import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, expect, it } from 'vitest'

import { stowage, testFolder } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('docs/workloads/garbage-collection.md shows what its example does', async () => {
  const out = path.join(folder, 'out')
  const example = path.join(PROJECT_ROOT, 'docs/examples/drain.yaml')
  const { status } = await stowage('run', example, '--quiet', '--out', out)
  expect(status).toBe(0)
  const page = readFileSync(path.join(PROJECT_ROOT, 'docs/workloads/garbage-collection.md'), 'utf8')
  const [shown = ''] = [...page.matchAll(/```csv\n([^]*?)\n```/g)].map((match) => match[1])
  const [header = '', ...rows] = readFileSync(path.join(out, 'pods.csv'), 'utf8').trim().split('\n')
  const [wanted = ''] = shown.split('\n')
  const places = wanted.split(',').map((column) => header.split(',').indexOf(column))
  const cells = rows.map((row) => places.map((place) => row.split(',')[place]).join())
  expect([wanted, ...cells].join('\n')).toBe(shown)
})
