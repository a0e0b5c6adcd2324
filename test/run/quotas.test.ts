import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { metricValue } from '../../src/report/summary.ts'
import { checkScenario } from '../../src/run/check.ts'
import { runScenario } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { parseTable } from '../report/parse-csv.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

function example(): Scenario {
  return loadScenario({ file: path.join(PROJECT_ROOT, 'docs/examples/quota.yaml'), overrides: [] })
}

describe('the example of quotas', () => {
  it('refuses and starts pods as its page says', async () => {
    const directory = temporaryDirectory()
    const { signal } = new AbortController()
    const { summary } = await runScenario(example(), { directory, command: ['test'], version: '0', signal })
    const events = readFileSync(path.join(directory, 'events.csv'), 'utf8')
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/quotas.md'), 'utf8')
    const shown = page.split('\n').filter((line) => /^ {4}(time_s|\d+),/.test(line))
    expect(events.trim().split('\n')).toEqual(shown.map((line) => line.trim()))
    const pods = parseTable(readFileSync(path.join(directory, 'pods.csv'), 'utf8'))
    expect(pods.map((pod) => [pod['name'], pod['created_s']])).toEqual([
      ['first', '0'],
      ['second', '0'],
      ['third', '73'],
    ])
    expect(metricValue(summary, 'pods_succeeded')).toBe(3)
  })

  it('passes the check of scenarios, without warnings', async () => {
    expect((await checkScenario(example())).warnings).toEqual([])
  })
})
