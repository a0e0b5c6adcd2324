/**
 * Makes the study in results/studies/compaction: how many machines of a cell the default profile and packing policies need, against a proven
 * bound. usage, in the folder of the project: npm run build && npx tsx scripts/compaction-study.ts [cell]. Takes half an hour on two cores;
 * the traces are in STOWAGE_SHARED, or ../shared.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { PROJECT_ROOT, SHARED } from '../test/shared-data.ts'
import { COMPACTION_CELLS, COMPACTION_FOLDER, withCompactionTables } from './compaction-table.ts'

/** Tables that the study keeps of each cell. */
const TABLES = ['compaction.csv', 'policies.csv']

const [only] = process.argv.slice(2)
const command = path.join(PROJECT_ROOT, 'dist/bin/stowage.js')
for (const { name, words, policies, trials } of COMPACTION_CELLS) {
  if (only !== undefined && only !== name) continue
  const out = mkdtempSync(path.join(tmpdir(), 'stowage-study-'))
  const given = words.map((word) => word.replace('TRACES', path.join(SHARED, 'traces')))
  const settings = ['--policies', policies.join(','), '--trials', String(trials), '--out', out, '--quiet']
  process.stdout.write(`${name}\n`)
  execFileSync(process.execPath, [command, 'compact', ...given, ...settings], {
    cwd: PROJECT_ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const folder = path.join(COMPACTION_FOLDER, name)
  mkdirSync(folder, { recursive: true })
  for (const table of TABLES) copyFileSync(path.join(out, table), path.join(folder, table))
  const { bound } = JSON.parse(readFileSync(path.join(out, 'compaction.json'), 'utf8')) as { bound: object }
  writeFileSync(path.join(folder, 'bound.json'), `${JSON.stringify(bound, undefined, 2)}\n`)
  rmSync(out, { recursive: true })
}
for (const page of [
  path.join(COMPACTION_FOLDER, 'README.md'),
  path.join(PROJECT_ROOT, 'docs/compaction.md'),
]) {
  writeFileSync(page, withCompactionTables(readFileSync(page, 'utf8')))
}
