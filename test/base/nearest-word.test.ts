import { expect, it } from 'vitest'

import { nearestWord } from '../../src/base/nearest-word.ts'

const NAMES = ['pods', 'nodes', 'workloads', 'wait_s', 'recovery', 'recovery_steps', 'node_hours']

it.each([
  ['podz', 'pods'],
  ['pdos', 'pods'],
  ['Node', 'nodes'],
  ['recovery_step', 'recovery_steps'],
  ['recovrey', 'recovery'],
  ['wait', 'wait_s'],
  ['node_hors', 'node_hours'],
  // What is nearer comes before what only begins alike.
  ['recover', 'recovery'],
  ['elephants', undefined],
  ['x', undefined],
  ['', undefined],
  // Two of four letters: it may be anything.
  ['loop', undefined],
])('for "%s" %s may have been meant', (word, meant) => {
  expect(nearestWord(word, NAMES)).toBe(meant)
})
