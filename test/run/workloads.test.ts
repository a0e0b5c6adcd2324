import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { testFolder } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('workloads of manifests', () => {
  it('are rolled out, drained and scaled as docs/workloads.md shows', async () => {
    const table = await runExample('rollout.yaml', path.join(folder, 'one'))
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/workloads.md'), 'utf8')
    expect(page).toContain(`\`\`\`csv\n${table('rollouts.csv')}\`\`\``)
    const pods = table('pods.csv').trim().split('\n')
    expect(pods.filter((row) => row.includes(',Deployment,') || row.includes(',ReplicaSet,'))).toHaveLength(
      23,
    )
    expect(pods.filter((row) => row.includes('web-') && row.includes(',Running,'))).toHaveLength(3)
    expect(table('workloads.csv')).toMatch(/^default,Deployment,web,23,0,0,3,/m)
  })

  it('leave the same bytes each time', async () => {
    const [one, other] = [
      await runExample('rollout.yaml', path.join(folder, 'first')),
      await runExample('rollout.yaml', path.join(folder, 'second')),
    ]
    for (const name of ['pods.csv', 'events.csv', 'workloads.csv', 'rollouts.csv', 'timeseries.csv']) {
      expect(other(name)).toBe(one(name))
    }
  })
})
