import type { Options } from 'ajv'

/**
 * How the schema becomes a function. The schema is ours, and a test holds it to its own schema; doing so here would double
 * a command's start.
 */
export const CHECK_OPTIONS: Options = {
  allErrors: true,
  strict: false,
  verbose: true,
  validateSchema: false,
  meta: false,
  code: { optimize: false },
}
