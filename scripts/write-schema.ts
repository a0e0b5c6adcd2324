/** Writes schema/scenario.schema.json, which editors complete scenarios by. usage: npx tsx scripts/write-schema.ts */
import { writeFileSync } from 'node:fs'

import { SCENARIO_SCHEMA } from '../src/scenario/schema.ts'

writeFileSync(
  new URL('../schema/scenario.schema.json', import.meta.url),
  `${JSON.stringify(SCENARIO_SCHEMA, undefined, 2)}\n`,
)
