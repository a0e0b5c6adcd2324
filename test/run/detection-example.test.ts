import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, expect, it } from 'vitest'

import { testFolder } from '../cli/command.ts'
import { parseTable } from '../report/parse-csv.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('goes on as docs/detection-and-eviction.md shows', async () => {
  const table = await runExample('detection.yaml', path.join(folder, 'one'))
  const page = readFileSync(path.join(PROJECT_ROOT, 'docs/detection-and-eviction.md'), 'utf8')
  expect(page).toContain(`\`\`\`csv\n${table('events.csv').trim()}\n\`\`\``)
  const created = parseTable(table('pods.csv')).map((row) => [row['owner_kind'], Number(row['created_s'])])
  const later = created.filter(([, at]) => Number(at) > 300)
  expect(later).toEqual([
    ['ReplicaSet', 655],
    ['StatefulSet', 1220],
  ])
})
