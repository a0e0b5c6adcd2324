import { defineConfig } from 'vitest/config'

import { skippedTests } from './test/skipped-tests.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/property-seed.ts'],
    testTimeout: 240_000,
    hookTimeout: 60_000,
    // What a browser shows after an action is waited for: a busy machine paints late.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    pool: 'threads',
    maxWorkers: 2,
    reporters: ['default', skippedTests],
  },
})
