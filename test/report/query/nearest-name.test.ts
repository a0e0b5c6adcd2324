import { expect, it } from 'vitest'

import { nearestName } from '../../../src/report/query/nearest-name.ts'

it('a mistyped name stands for the nearest one', () => {
  const names = ['pods', 'nodes', 'workloads', 'wait_s', 'recovery', 'recovery_steps']
  expect(nearestName('podz', names)).toBe('pods')
  expect(nearestName('Node', names)).toBe('nodes')
  expect(nearestName('recovery_step', names)).toBe('recovery_steps')
  expect(nearestName('wait', names)).toBe('wait_s')
  expect(nearestName('elephants', names)).toBeUndefined()
  expect(nearestName('x', names)).toBeUndefined()
})
