/**
 * All benches, or those named. usage: npm run bench [-- engine|decision|replay|plugins …] [-- --json FILE]
 * [-- --compare BASE.json]
 *
 * Absolute rates mean little on a shared machine: compare two runs made one after the other.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { measure } from './bench-row.ts'
import type { BenchRow } from './bench-row.ts'
import { decisionCases } from './decision.ts'
import { deviceCases } from './devices.ts'
import { engineCases } from './engine.ts'
import { pluginRows } from './plugins.ts'
import { replayRow } from './replay.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, compare: { type: 'string' } },
  allowPositionals: true,
})

const SUITES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  engine: () => measure(engineCases()),
  decision: () => measure(decisionCases()),
  devices: () => measure(deviceCases()),
  replay: async () => [await replayRow()],
  plugins: pluginRows,
}

const rows: BenchRow[] = []
for (const name of positionals.length === 0 ? Object.keys(SUITES) : positionals) {
  const suite = SUITES[name]
  if (suite === undefined) throw new Error(`no bench is named ${name}: ${Object.keys(SUITES).join(', ')}`)
  rows.push(...(await suite()))
}
const base =
  values.compare === undefined ? [] : (JSON.parse(readFileSync(values.compare, 'utf8')) as BenchRow[])

for (const { name, unitsPerSecond, unit, marginPercent } of rows) {
  const before = base.find((row) => row.name === name)
  const ratio = before === undefined ? '' : `  ${(unitsPerSecond / before.unitsPerSecond).toFixed(2)}x`
  const rate = Math.round(unitsPerSecond).toLocaleString('en').padStart(12)
  process.stdout.write(`${name.padEnd(64)} ${rate} ${unit}/s  ±${marginPercent.toFixed(1)} %${ratio}\n`)
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`)
