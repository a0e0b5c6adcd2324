/**
 * Writes docs/scenario.md and docs/cli.md from the schema and the commands, and the outputs of the examples in
 * docs/explain.md, docs/gangs.md and docs/benchmarks.md. usage, in the folder of the project: npx tsx scripts/write-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'

import { withOutputs } from './example-outputs.ts'
import { commandPage, scenarioPage } from './reference-pages.ts'

writeFileSync(new URL('../docs/scenario.md', import.meta.url), scenarioPage())
writeFileSync(new URL('../docs/cli.md', import.meta.url), commandPage())
for (const name of ['explain', 'gangs', 'benchmarks']) {
  const page = new URL(`../docs/${name}.md`, import.meta.url)
  writeFileSync(page, await withOutputs(readFileSync(page, 'utf8')))
}
