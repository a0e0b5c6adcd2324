import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { runScenario } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { parseTable } from '../report/parse-csv.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const PAGE = readFileSync(path.join(PROJECT_ROOT, 'docs/policies.md'), 'utf8')
const WITH_BACKOFF = ['spec.scheduler.policy=', 'spec.scheduler.configFile=coscheduling-config.yaml']

/** What the example comes to after ten minutes: workers with a node and workers that were tried, by training, and attempts. */
async function played(overrides: readonly string[]): Promise<{
  readonly bound: readonly number[]
  readonly tried: readonly number[]
  readonly attempts: number
}> {
  const file = path.join(PROJECT_ROOT, 'docs/examples/gang-deadlock.yaml')
  const scenario = loadScenario({ file, overrides: [...overrides] })
  const directory = temporaryDirectory()
  const { signal } = new AbortController()
  await runScenario(scenario, { directory, command: [], version: '0', signal })
  const table = (name: string): ReturnType<typeof parseTable> =>
    parseTable(readFileSync(path.join(directory, name), 'utf8'))
  const pods = table('pods.csv')
  const countOf = (is: (pod: (typeof pods)[number]) => boolean): readonly number[] =>
    ['a', 'b', 'c', 'd'].map(
      (training) => pods.filter((pod) => pod['name']?.startsWith(training) === true && is(pod)).length,
    )
  return {
    bound: countOf(({ node }) => node !== ''),
    tried: countOf(({ scheduling_attempts: attempts }) => Number(attempts) > 0),
    attempts: table('timeseries.csv').reduce((sum, row) => sum + Number(row['decisions']), 0),
  }
}

describe('four trainings where one has room come to what the page says', () => {
  it('with the default policy none is whole; with Coscheduling one is, and no part of another is bound', async () => {
    expect((await played(['spec.scheduler.policy=default'])).bound).toEqual([2, 2, 1, 1])
    expect((await played([])).bound).toEqual([4, 0, 0, 0])
    expect(PAGE).toContain('| default | 6 | 0 | 6 |\n| Coscheduling | 4 | 1 | 0 |')
  })

  it.each([
    ['0', '0', [], [4, 4, 4, 4]],
    ['10 ms', '0', ['spec.controlPlane.cycleTime=10ms'], [4, 4, 0, 0]],
    ['0', '10', WITH_BACKOFF, [4, 4, 4, 4]],
    ['10 ms', '10', [...WITH_BACKOFF, 'spec.controlPlane.cycleTime=10ms'], [4, 4, 4, 4]],
  ])('with cycles of %s and a back-off of %s s', async (cycle, backoff, overrides, tried) => {
    const found = await played(overrides)
    expect(found.bound).toEqual([4, 0, 0, 0])
    expect(found.tried).toEqual(tried)
    const names = tried[2] === 0 ? 'a, b' : 'all'
    const attempts = found.attempts.toLocaleString('en-US')
    expect(PAGE).toContain(`| ${cycle} | ${backoff} | ${attempts} | ${names} |`)
  })
})
