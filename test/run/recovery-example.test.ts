import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { withRecoveryReport } from '../../scripts/recovery-report.ts'
import { stowage, testFolder } from '../cli/command.ts'
import { parseTable } from '../report/parse-csv.ts'
import { PROJECT_ROOT } from '../shared-data.ts'
import { runExample } from './run-example.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Seconds with up to six decimals as whole microseconds. */
function micros(seconds: string | undefined): number {
  return Math.round(Number(seconds) * 1e6)
}

describe('the outage of a zone', () => {
  it('is told by stowage report as docs/recovery.md shows', async () => {
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/recovery.md'), 'utf8')
    expect(await withRecoveryReport(page)).toBe(page)
    expect(page).toMatch(/what limited it +pod s +share\n +capacity/)
  })

  it('is in the list of failures, and another is not', async () => {
    const out = path.join(folder, 'listed')
    await runExample('recovery.yaml', out)
    const list = await stowage('report', out)
    expect(list.out.split('\n')[1]).toMatch(/^ +1 +zone-outage +zone b +12 +30m +43 +5\ds .*capacity \d+ %$/)
    const missing = await stowage('report', out, '--failure', '2')
    expect([missing.status, missing.err]).toEqual([2, `${out}: has no failure 2 (see stowage report DIR)\n`])
  })

  it('has limits that sum to the unavailability, and steps in order', async () => {
    const table = await runExample('recovery.yaml', path.join(folder, 'summed'))
    const [failure = {}] = parseTable(table('failures.csv'))
    const sum = (name: string): number =>
      parseTable(table(name)).reduce((total, row) => total + micros(row['unavailable_pod_s']), 0)
    expect(sum('recovery_limits.csv')).toBe(micros(failure['unavailable_pod_s']))
    expect(sum('recovery.csv')).toBe(micros(failure['unavailable_pod_s']))
    const steps = parseTable(table('recovery_steps.csv'))
    expect(steps.map(({ step }) => step)).toEqual([
      'detected',
      'tainted',
      'evicted',
      'gone',
      'recreated',
      'rescheduled',
      'running',
      'ready',
    ])
    const [detected, tainted, evicted] = steps
    // A node each 10 s from the look after detection on; tolerationSeconds are 300.
    expect(micros(tainted?.['last_s']) - micros(tainted?.['first_s'])).toBe(110e6)
    expect(micros(evicted?.['first_s']) - micros(tainted?.['first_s'])).toBe(300e6)
    expect(micros(detected?.['last_s'])).toBeLessThanOrEqual(55e6)
  })

  it('leaves the same bytes each time', async () => {
    const [one, other] = [
      await runExample('recovery.yaml', path.join(folder, 'first')),
      await runExample('recovery.yaml', path.join(folder, 'second')),
    ]
    for (const name of ['failures.csv', 'recovery.csv', 'recovery_steps.csv', 'recovery_limits.csv'])
      expect(other(name)).toBe(one(name))
  })
})
