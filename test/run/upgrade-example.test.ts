import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { testFolder } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Rows of events.csv that the page shows: of one node but for its pods, of the wave, and of the rollout. */
function isShown(row: string): boolean {
  if (row.includes(',Eviction,')) return false
  return ['time_s', ',worker-1,', ',Action,pool=workers,', ',Action,Deployment'].some((part) =>
    row.includes(part),
  )
}

describe('the upgrade of a pool', () => {
  it('goes on as docs/nodes-and-failures.md shows, with two nodes at most out of service', async () => {
    const table = await runExample('upgrade.yaml', path.join(folder, 'one'))
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/nodes-and-failures.md'), 'utf8')
    const events = table('events.csv').trim().split('\n')
    expect(page).toContain(`\`\`\`csv\n${events.filter(isShown).join('\n')}\n\`\`\``)
    let down = 0
    let most = 0
    for (const row of events) {
      if (row.includes(',MachineDown,')) down += 1
      if (row.includes(',MachineUp,')) down -= 1
      most = Math.max(most, down)
    }
    expect({ down, most }).toEqual({ down: 0, most: 2 })
    expect(table('workloads.csv')).toMatch(/^default,Deployment,web,\d+,0,0,12,/m)
  })

  it('leaves the same bytes each time', async () => {
    const [one, other] = [
      await runExample('upgrade.yaml', path.join(folder, 'first')),
      await runExample('upgrade.yaml', path.join(folder, 'second')),
    ]
    for (const name of ['pods.csv', 'events.csv', 'rollouts.csv']) expect(other(name)).toBe(one(name))
  })
})
