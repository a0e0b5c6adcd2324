/** Writes the JSON Schemas in schema/, which editors complete scenarios and sweeps by. usage: npx tsx scripts/write-schema.ts */
import { writeFileSync } from 'node:fs'

import { SCENARIO_SCHEMA } from '../src/scenario/schema.ts'
import { SWEEP_SCHEMA } from '../src/sweep/sweep-schema.ts'

for (const [name, schema] of [
  ['scenario', SCENARIO_SCHEMA],
  ['sweep', SWEEP_SCHEMA],
] as const) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(schema, undefined, 2)}\n`)
}
