/**
 * All benches. usage: npm run bench [-- --json FILE] [-- --compare BASE.json]
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
import { replayRow } from './replay.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, compare: { type: 'string' } } })

const rows: BenchRow[] = [
  ...(await measure(engineCases())),
  ...(await measure(decisionCases())),
  ...(await measure(deviceCases())),
  await replayRow(),
]
const base =
  values.compare === undefined ? [] : (JSON.parse(readFileSync(values.compare, 'utf8')) as BenchRow[])

for (const { name, unitsPerSecond, unit, marginPercent } of rows) {
  const before = base.find((row) => row.name === name)
  const ratio = before === undefined ? '' : `  ${(unitsPerSecond / before.unitsPerSecond).toFixed(2)}x`
  const rate = Math.round(unitsPerSecond).toLocaleString('en').padStart(12)
  process.stdout.write(`${name.padEnd(64)} ${rate} ${unit}/s  ±${marginPercent.toFixed(1)} %${ratio}\n`)
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`)
