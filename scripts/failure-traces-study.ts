/**
 * Makes the study in results/studies/failure-traces: a month under the failures of each published trace, two scheduler profiles side by
 * side, without and with hourly checkpoints. usage, in the folder of the project: npm run build &&
 * npx tsx scripts/failure-traces-study.ts [seeds]. Takes minutes; the traces are in STOWAGE_SHARED, or ../shared.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { packageVersion } from '../src/run/package.ts'
import { PROJECT_ROOT, SHARED } from '../test/shared-data.ts'
import { STUDY_FOLDER, studyCases, studyTables, withStudyTables } from './failure-traces-table.ts'

const [seeds = '20'] = process.argv.slice(2)
const command = path.join(PROJECT_ROOT, 'dist/bin/stowage.js')
const out = mkdtempSync(path.join(tmpdir(), 'stowage-study-'))
const workload = ['traces', 'hpc-swf', 'wagap-2013.swf.gz']
const files = new Set<string>()

/** Where `compare` leaves its table, from where it runs. */
const TABLE = 'results/runs/default-vs-most-allocated/compare.csv'

/** The path of a shared file, which the manifest then has. */
function shared(parts: readonly string[]): string {
  files.add(parts.join('/'))
  return path.join(SHARED, ...parts)
}

for (const { name, failures, checkpoints } of studyCases(shared)) {
  const overrides = [
    `spec.workload[0].trace.file=${shared(workload)}`,
    `spec.failures=${JSON.stringify(failures)}`,
    ...(checkpoints === undefined ? [] : [`spec.behaviour.checkpointInterval=${checkpoints}`]),
  ]
  const scenarios = ['default.yaml', 'most-allocated.yaml'].map((file) => path.join(STUDY_FOLDER, file))
  process.stdout.write(`${name}: ${seeds} seeds of two profiles\n`)
  // Without --out the files of single runs are not written.
  execFileSync(
    process.execPath,
    [command, 'compare', ...scenarios, '--seeds', seeds, '--quiet', '--json', '--force'].concat(
      overrides.flatMap((override) => ['--set', override]),
    ),
    { cwd: out, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 },
  )
  copyFileSync(path.join(out, TABLE), path.join(STUDY_FOLDER, `${name}.csv`))
}
rmSync(out, { recursive: true })

const digests = [...files].toSorted().map((file) => {
  const bytes = readFileSync(path.join(SHARED, file))
  return [file, createHash('sha256').update(bytes).digest('hex')] as const
})
const manifest = {
  command: ['tsx', 'scripts/failure-traces-study.ts', seeds],
  seeds,
  versions: { stowage: packageVersion(), node: process.version },
  digests: Object.fromEntries(digests),
}
writeFileSync(path.join(STUDY_FOLDER, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
const page = path.join(STUDY_FOLDER, 'README.md')
writeFileSync(page, withStudyTables(readFileSync(page, 'utf8')))
process.stdout.write(`${studyTables()}\n`)
