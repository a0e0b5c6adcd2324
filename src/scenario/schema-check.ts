import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv'

import { CHECK_OPTIONS } from './check-options.ts'
import { SCENARIO_SCHEMA } from './schema.ts'

/**
 * What tells in which places a raw scenario differs from the schema. The build makes the function once, and bundles it in
 * place of this module (`scripts/bundle.mjs`): making it takes longer than all else that a command does at its start.
 */
export const schemaCheck: ValidateFunction = new Ajv2020(CHECK_OPTIONS).compile(SCENARIO_SCHEMA)
