import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { cronJobTimes } from '../../src/conformance/families/cronjob-times.ts'
import { cronJob } from '../../src/conformance/families/cronjob.ts'
import { job } from '../../src/conformance/families/job.ts'
import type { LogicFamily } from '../../src/conformance/family.ts'
import { hasShared, shared } from '../shared-data.ts'

interface RecordedCase {
  readonly id: string
  readonly input: { readonly job?: { readonly spec?: { readonly completionMode?: string } } }
}

function casesOf(name: string): RecordedCase[] {
  const text = gunzipSync(readFileSync(shared('vectors-logic', `${name}.jsonl.gz`))).toString()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedCase)
}

/** What the judge of the recorded cases says of these. */
function judge(family: LogicFamily, cases: readonly RecordedCase[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-families-'))
  try {
    const actual = path.join(folder, 'actual.jsonl')
    const lines = cases.map(({ id, input }) => JSON.stringify({ id, result: family.run(input) }))
    writeFileSync(actual, lines.join('\n'))
    const expected = shared('vectors-logic', `${family.name}.jsonl.gz`)
    const judgeFile = shared('vectors-logic', 'compare.mjs')
    return execFileSync('node', [judgeFile, '--subset', expected, '--actual', actual], { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.skipIf(!hasShared)('recorded jobs (shared data)', () => {
  it.each([cronJobTimes, cronJob])('are all equal: $name', (family) => {
    const cases = casesOf(family.name)
    expect(judge(family, cases)).toContain(`${cases.length}/${cases.length} cases equal`)
  })

  it('are all equal where the recording says which pod an event is for', () => {
    const cases = casesOf('job').filter(({ input }) => input.job?.spec?.completionMode === 'Indexed')
    expect(cases.length).toBeGreaterThan(300)
    expect(judge(job, cases)).toContain(`${cases.length}/${cases.length} cases equal`)
  })
})
