import { expect, it } from 'vitest'
import { SECOND } from '../../src/base/time.ts'
import { nextMountRetry } from '../../src/controllers/mount-retry.ts'

it.each([
  [0, 0],
  [0.1, 0.5],
  [0.5, 0.5],
  [0.6, 1.5],
  [1.6, 3.5],
  [100, 127.5],
  // 64 s is followed by 122 s, and again.
  [130, 249.5],
  [360.1, 371.5],
  [372, 493.5],
])('tries after %s s again at %s s', (instant, at) => {
  const heldAt = 1000 * SECOND
  expect(nextMountRetry(heldAt, heldAt + instant * SECOND)).toBe(heldAt + at * SECOND)
})
