import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Options, ValidateFunction } from 'ajv'

import { SCENARIO_SCHEMA } from './schema.ts'

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

/**
 * What tells in which places a raw scenario differs from the schema. The build makes the function once, and bundles it in
 * place of this module (`scripts/bundle.mjs`): making it takes longer than all else that a command does at its start.
 */
export const schemaCheck: ValidateFunction = new Ajv2020(CHECK_OPTIONS).compile(SCENARIO_SCHEMA)
