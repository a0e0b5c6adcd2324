import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { failureText } from '../../src/cli/failure-report.ts'
import { testFolder } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('failures of a control plane', () => {
  it('happen as docs/control-plane-failures.md shows', async () => {
    const table = await runExample('control-plane.yaml', path.join(folder, 'one'))
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/control-plane-failures.md'), 'utf8')
    expect(page).toContain(`\`\`\`csv\n${table('events.csv').trim()}\n\`\`\``)
  })

  it('cost what docs/recovery.md shows', async () => {
    const out = path.join(folder, 'costs')
    await runExample('control-plane.yaml', out)
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/recovery.md'), 'utf8')
    expect(page).toContain(`\`\`\`text\n${await failureText(out, 1)}\`\`\``)
  })

  it('leave the same bytes each time', async () => {
    const [one, other] = [
      await runExample('control-plane.yaml', path.join(folder, 'first')),
      await runExample('control-plane.yaml', path.join(folder, 'second')),
    ]
    for (const name of ['pods.csv', 'events.csv', 'failures.csv']) expect(other(name)).toBe(one(name))
  })
})
