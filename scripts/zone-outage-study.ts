/**
 * Makes the study in results/studies/zone-outage: a zone of 1,000 of 3,000 nodes is down, under 30,000 pods; as Kubernetes has it, with nodes
 * tainted faster, and with half the bandwidth for images. usage, in the folder of the project: npm run build &&
 * npx tsx scripts/zone-outage-study.ts. Takes some minutes.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { PROJECT_ROOT } from '../test/shared-data.ts'
import { OUTAGE_FOLDER, OUTAGE_VARIANTS, withOutageTables } from './zone-outage-table.ts'

const DEPLOYMENTS = 300
const REPLICAS = 100

/** Tables that the study keeps of each run. */
const TABLES = ['failures.csv', 'recovery_steps.csv', 'recovery_limits.csv']

const command = path.join(PROJECT_ROOT, 'dist/bin/stowage.js')
const out = mkdtempSync(path.join(tmpdir(), 'stowage-study-'))
const runs = path.join(PROJECT_ROOT, 'results/runs')
mkdirSync(runs, { recursive: true })
writeFileSync(
  path.join(runs, 'zone-outage-deployments.yaml'),
  Array.from({ length: DEPLOYMENTS }, (_, index) => deployment(`service-${index}`)).join('---\n'),
)

for (const { name, overrides } of OUTAGE_VARIANTS) {
  process.stdout.write(`${name}\n`)
  const directory = path.join(out, name)
  const words = overrides.flatMap((override) => ['--set', override])
  execFileSync(
    process.execPath,
    [command, 'run', path.join(OUTAGE_FOLDER, 'zone-outage.yaml'), '--out', directory, '--quiet', ...words],
    { cwd: PROJECT_ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  mkdirSync(path.join(OUTAGE_FOLDER, name), { recursive: true })
  for (const table of TABLES) {
    copyFileSync(path.join(directory, table), path.join(OUTAGE_FOLDER, name, table))
  }
  if (name !== 'default') continue
  const timeline = execFileSync(process.execPath, [command, 'report', directory, '--failure', '1'], {
    encoding: 'utf8',
  })
  writeFileSync(path.join(OUTAGE_FOLDER, 'timeline.txt'), timeline)
}
rmSync(out, { recursive: true })

const page = path.join(OUTAGE_FOLDER, 'README.md')
writeFileSync(page, withOutageTables(readFileSync(page, 'utf8')))

/** A service that prefers to be spread over zones, each with an image of its own. */
function deployment(name: string): string {
  const spread = `maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway`
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${REPLICAS}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      topologySpreadConstraints: [{ ${spread}, labelSelector: { matchLabels: { app: ${name} } } }]
      containers:
        - name: main
          image: registry.example/${name}:1
          resources: { requests: { cpu: "1", memory: 2Gi } }
          readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 5 }
`
}
