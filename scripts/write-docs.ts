/**
 * Writes docs/scenario.md and docs/cli.md from the schema and the commands, and the outputs of the examples in
 * docs/explain.md, docs/gangs.md, docs/benchmarks.md, docs/failure-traces.md, docs/survive.md, docs/compaction.md,
 * docs/plan.md and docs/policies.md, the tables of the studies in docs/scheduler-perf.md and docs/fgd.md, and what the commands of the tutorial
 * and of docs/sweep.md and docs/diff.md print, after npm run build. usage, in the folder of the project:
 * npx tsx scripts/write-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'

import { withOutputs } from './example-outputs.ts'
import { withFgdTables } from './fgd-table.ts'
import { commandPage, scenarioPage } from './reference-pages.ts'
import { withRecoveryReport } from './recovery-report.ts'
import { withStudy } from './study-table.ts'
import { tutorialWithOutputs } from './tutorial-outputs.ts'

writeFileSync(new URL('../docs/scenario.md', import.meta.url), scenarioPage())
writeFileSync(new URL('../docs/cli.md', import.meta.url), commandPage())
for (const name of [
  'explain',
  'gangs',
  'benchmarks',
  'failure-traces',
  'survive',
  'compaction',
  'plan',
  'policies',
]) {
  const page = new URL(`../docs/${name}.md`, import.meta.url)
  writeFileSync(page, await withOutputs(readFileSync(page, 'utf8')))
}
const recoveryPage = new URL('../docs/recovery.md', import.meta.url)
writeFileSync(recoveryPage, await withRecoveryReport(readFileSync(recoveryPage, 'utf8')))
const reportPage = new URL('../docs/report.md', import.meta.url)
writeFileSync(reportPage, await withRecoveryReport(readFileSync(reportPage, 'utf8'), []))
const perfPage = new URL('../docs/scheduler-perf.md', import.meta.url)
writeFileSync(perfPage, withStudy(readFileSync(perfPage, 'utf8')))
for (const name of ['tutorial-score-plugin', 'sweep', 'diff']) {
  const page = new URL(`../docs/${name}.md`, import.meta.url)
  writeFileSync(page, tutorialWithOutputs(readFileSync(page, 'utf8')))
}
const fgdPage = new URL('../docs/fgd.md', import.meta.url)
writeFileSync(fgdPage, withFgdTables(readFileSync(fgdPage, 'utf8')))
