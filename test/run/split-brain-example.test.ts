import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { testFolder } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a node that is cut off and said to be out of service', () => {
  it('runs its pod of a StatefulSet beside the next one, as docs/nodes-and-failures.md shows', async () => {
    const table = await runExample('split-brain.yaml', path.join(folder, 'one'))
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/nodes-and-failures.md'), 'utf8')
    const events = table('events.csv').trim()
    expect(page).toContain(`\`\`\`csv\n${events}\n\`\`\``)
    expect(events.match(/SplitBrain/g)).toHaveLength(2)
    const again = await runExample('split-brain.yaml', path.join(folder, 'other'))
    for (const name of ['pods.csv', 'events.csv', 'failures.csv']) expect(again(name)).toBe(table(name))
  })
})
