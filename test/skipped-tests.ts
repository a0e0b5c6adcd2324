import type { Reporter, TestModule } from 'vitest/node'

import { SHARED, hasShared } from './shared-data.ts'

/** Says at the end of a test run which tests were skipped, and what they miss. */
export const skippedTests: Reporter = {
  onTestRunEnd(modules) {
    const lines = modules.flatMap(linesOf)
    if (lines.length === 0 || hasShared) return
    process.stdout.write(
      `Skipped, for they read the shared reference data, which is not at ${SHARED}\n` +
        `(STOWAGE_SHARED=DIR says where it is):\n${lines.join('\n')}\n\n`,
    )
  },
}

function linesOf(module: TestModule): string[] {
  const skipped = [...module.children.allTests('skipped')]
  const count = `${skipped.length} ${skipped.length === 1 ? 'test' : 'tests'}`
  return skipped.length === 0 ? [] : [`  ${module.relativeModuleId}: ${count}`]
}
