import { RE2JS } from '@bufbuild/re2'

import { CelFailure } from './declarations.ts'
import type { CelLibrary } from './declarations.ts'

/** Patterns that are kept compiled; beyond, all are forgotten. */
const PATTERNS_MAX = 256

const compiled = new Map<string, RE2JS>()

/**
 * Regular expressions as CEL has them, by RE2: in time linear in the text. `matchesPattern` stands for `matches`. The
 * package tells whether a text matches, not where, so that Kubernetes' `find` and `findAll` are left out.
 *
 * Source: CEL specification, `matches`.
 */
export const patternLibrary: CelLibrary = {
  functions: [
    { signature: 'string.matchesPattern(string): bool', call: isMatch },
    { signature: 'matchesPattern(string, string): bool', call: isMatch },
  ],
}

function isMatch(text: string, pattern: string): boolean {
  return patternOf(pattern).test(text)
}

function patternOf(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  try {
    const made = RE2JS.compile(pattern)
    if (compiled.size >= PATTERNS_MAX) compiled.clear()
    compiled.set(pattern, made)
    return made
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CelFailure('invalid_pattern', `invalid regular expression "${pattern}": ${reason}`)
  }
}
