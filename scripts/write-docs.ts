/** Writes docs/scenario.md and docs/cli.md from the schema and the commands. usage: npx tsx scripts/write-docs.ts */
import { writeFileSync } from 'node:fs'

import { commandPage, scenarioPage } from './reference-pages.ts'

writeFileSync(new URL('../docs/scenario.md', import.meta.url), scenarioPage())
writeFileSync(new URL('../docs/cli.md', import.meta.url), commandPage())
