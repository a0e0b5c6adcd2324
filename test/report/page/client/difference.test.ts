import { expect, it } from 'vitest'

import { unitWords } from '../../../../src/report/page/client/difference.ts'

it.each([
  ['simulated time', 's', ' s'],
  ['created to bound, p99', 's', ' s'],
  ['scheduled', 'pods', ' pods'],
  ['nodes in use, mean', 'nodes', ''],
  ['bound pods, mean', 'pods', ''],
  ['cpu requested, mean', '%', ' %'],
  ['time spent pending', 'pod_s', ' pods × s'],
  ['attempts', 'count', ''],
])('of %s in %s, behind the label stands "%s"', (label, unit, words) => {
  expect(unitWords({ name: 'any', label, unit, cells: [] })).toBe(words)
})
