import { expect, it } from 'vitest'

import { checkPlacements } from '../../bench/decision.ts'

it.each([
  { search: 'adaptive sampling', percentage: undefined },
  { search: 'all nodes', percentage: 100 },
])('the bare loop and the fast paths place pods as the definition does: $search', ({ percentage }) => {
  for (const shapes of [20, undefined]) expect(() => checkPlacements(percentage, shapes)).not.toThrow()
})
