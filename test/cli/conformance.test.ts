import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { stowage, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TOLERATED = {
  id: 'taint-toleration-time/1',
  family: 'taint-toleration-time',
  input: { taints: [{ key: 'a', effect: 'NoExecute' }], tolerations: [{ operator: 'Exists' }] },
  expected: { action: 'keep', allTolerated: true },
}
const PARSED = {
  id: 'selectors/1',
  family: 'selectors',
  input: { selector: 'a=b', labels: { a: 'b' } },
  expected: { matches: true, string: 'a=b' },
}
/** Two values are wrong, of which Kubernetes named the other one. */
const LOOSE = {
  id: 'selectors/2',
  family: 'selectors',
  input: { labelSelector: { matchLabels: { a: '!', b: '!' } }, labels: {} },
  expected: { error: 'values[0][b]: Invalid value' },
}
const DIFFERENT = { ...PARSED, id: 'selectors/3', expected: { matches: false, string: 'a==b' } }
const BROKEN = { ...TOLERATED, id: 'taint-toleration-time/2', input: { taints: [null] } }
const UNKNOWN = { ...PARSED, id: 'tea-leaves/1', family: 'tea-leaves' }

function cases(name: string, ...list: readonly object[]): string {
  return file(name, list.map((one) => `${JSON.stringify(one)}\n`).join(''))
}

describe('stowage conformance on recorded logic', () => {
  it('counts what is equal, and what may differ', async () => {
    const { status, out } = await stowage('conformance', cases('equal.jsonl', TOLERATED, PARSED, LOOSE))
    expect(out).toBe('ok   taint-toleration-time: 1/1\nok   selectors: 2/2 (text 0/1, which may differ)\n')
    expect(status).toBe(0)
  })

  it('takes texts for differences with --strict', async () => {
    const { status, out } = await stowage('conformance', '--strict', cases('strict.jsonl', PARSED, LOOSE))
    expect(out).toContain('DIFF selectors: 1/2 (text 0/1)\n  selectors/2 /error\n    expected "values[0][b]')
    expect(status).toBe(1)
  })

  it('shows the first difference of a case, and runs the others after one that breaks', async () => {
    const given = cases('different.jsonl', BROKEN, TOLERATED, DIFFERENT)
    const results = path.join(folder, 'results.jsonl')
    const { status, out } = await stowage('conformance', given, '--out', results)
    expect(out).toContain(
      'DIFF taint-toleration-time: 1/2\n  taint-toleration-time/2 /\n    expected a result',
    )
    expect(out).toContain(
      'DIFF selectors: 0/1 (matches 0/1; string 0/1)\n' +
        '  selectors/3 /matches\n    expected false\n    actual   true\n',
    )
    expect(status).toBe(1)
    const lines = readFileSync(results, 'utf8').trim().split('\n')
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([
      ['id', 'error'],
      ['id', 'result'],
      ['id', 'result'],
    ])
    expect(JSON.parse(lines[2] ?? '')).toEqual({
      id: 'selectors/3',
      result: { string: 'a=b', matches: true },
    })
  })

  it('runs one case, one family, and prints the counts of its parts', async () => {
    const given = cases('some.jsonl', TOLERATED, PARSED, DIFFERENT)
    const one = await stowage('conformance', given, '--id', 'selectors/1', '--json')
    expect(JSON.parse(one.out)).toEqual([
      {
        family: 'selectors',
        equal: 1,
        total: 1,
        differences: [],
        aspects: {
          matches: { equal: 1, total: 1, loose: false },
          string: { equal: 1, total: 1, loose: false },
        },
      },
    ])
    const family = await stowage('conformance', given, '--family', 'taint-toleration-time')
    expect(family.out).toBe('ok   taint-toleration-time: 1/1\n')
    expect(await stowage('conformance', given, '--id', 'x/1')).toMatchObject({
      status: 2,
      err: '--id: no case is "x/1"\n',
    })
  })

  it('refuses a family that nobody answers, before anything is run, unless it is not asked for', async () => {
    const given = cases('unknown.jsonl', UNKNOWN, PARSED)
    const equal = cases('before.jsonl', TOLERATED)
    const { status, out, err } = await stowage('conformance', equal, given)
    expect(err).toBe(
      `${given}: cases of the family "tea-leaves" cannot be run (docs/conformance.md lists the families that can)\n`,
    )
    expect({ status, out }).toEqual({ status: 2, out: '' })
    const asked = await stowage('conformance', given, '--family', 'selectors')
    expect(asked.out).toBe('ok   selectors: 1/1\n')
    const later = await stowage('conformance', cases('later.jsonl', PARSED, UNKNOWN))
    expect(later).toMatchObject({ status: 2, out: '' })
  })

  it('says what the cases hold: a case without steps is one', async () => {
    const steps = { ...PARSED, id: 'job/1', family: 'job', expected: { steps: [{}, {}, {}] } }
    const { out } = await stowage('conformance', '--coverage', cases('held.jsonl', PARSED, LOOSE, steps))
    expect(out.split('\n').map((line) => line.split(/\s+/))).toEqual([
      ['family', 'cases', 'steps'],
      ['selectors', '2', '2'],
      ['job', '1', '3'],
      [''],
    ])
  })
})
