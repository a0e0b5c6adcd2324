import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import type { ConformanceCase } from '../../src/scheduler/conformance/case.ts'
import { differencesOf } from '../../src/scheduler/conformance/compare.ts'
import { runCase } from '../../src/scheduler/conformance/run-case.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

/** Families of recorded cases that depend on the plugins of this version alone: all cases must be equal. */
const FAMILIES = [
  'resources',
  'fitstrategies',
  'balanced',
  'taints',
  'taintcompare',
  'nodeaffinity',
  'ports',
  'images',
  'gates',
  'podaffinity',
  'spread',
  'seqlarge',
  'volumes',
  'volumecapacity',
  'preemption',
  'config',
  'mixed',
  'sequence',
  'dra',
  'sampled',
  'queue',
]

function casesOf(family: string): ConformanceCase[] {
  const file = path.join(PROJECT_ROOT, 'test', 'vectors', `${family}.jsonl.gz`)
  const text = gunzipSync(readFileSync(file)).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ConformanceCase)
}

describe('recorded cases of kube-scheduler v1.37.2', () => {
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
