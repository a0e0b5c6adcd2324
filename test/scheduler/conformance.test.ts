import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import type { ConformanceCase } from '../../src/scheduler/conformance/case.ts'
import { differencesOf } from '../../src/scheduler/conformance/compare.ts'
import { runCase } from '../../src/scheduler/conformance/run-case.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const VECTORS = path.join(PROJECT_ROOT, 'test', 'vectors')
const ENDING = '.jsonl.gz'

/** All families of recorded cases: all of their cases must be equal. */
const FAMILIES = readdirSync(VECTORS)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .sort()

function casesOf(family: string): ConformanceCase[] {
  const file = path.join(VECTORS, `${family}${ENDING}`)
  const text = gunzipSync(readFileSync(file)).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ConformanceCase)
}

describe('recorded cases of kube-scheduler v1.37.2', () => {
  it('are of every family that the documentation counts', () => {
    const documentation = readFileSync(path.join(PROJECT_ROOT, 'docs', 'conformance.md'), 'utf8')
    const rows = [...documentation.matchAll(/^\| ([a-z]+) \| ([\d,]+) \| [\d,]+ \|/gm)]
    expect(rows.map(([, family]) => family)).toEqual(FAMILIES)
    for (const [, family = '', count = ''] of rows) {
      expect([family, casesOf(family).length]).toEqual([family, Number(count.replace(',', ''))])
    }
  })

  it.each(FAMILIES)('%s: every verdict, score, victim and message is equal', (family) => {
    const cases = casesOf(family)
    expect(cases.length).toBeGreaterThanOrEqual(10)
    const gates = resolveFeatureGates('1.37')
    const different = cases.flatMap(({ id, input, expected }) => {
      const [first] = differencesOf(expected, runCase(input, { registry: plugins, gates }))
      return first === undefined ? [] : [{ id, ...first }]
    })
    expect(different).toEqual([])
  })

  it('finds a difference where there is one', () => {
    const [one] = casesOf('taints')
    const expected = JSON.parse(JSON.stringify(one?.expected)) as { results: { node?: string }[] }
    const result = expected.results.find((pod) => pod.node !== undefined)
    const changed = JSON.parse(JSON.stringify(expected)) as typeof expected
    const place = changed.results.findIndex((pod) => pod.node === result?.node)
    changed.results[place] = { ...changed.results[place], node: 'another-node' }
    expect(differencesOf(expected, changed)).toHaveLength(1)
    expect(differencesOf(expected, expected)).toEqual([])
  })
})
