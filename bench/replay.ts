/** How many pods a second does a whole run take, with everything that a run has but files? */
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { metricValue } from '../src/report/summary.ts'
import { runScenario } from '../src/run/run.ts'
import { loadScenario } from '../src/scenario/load.ts'
import type { BenchRow } from './bench-row.ts'

const SCENARIO = fileURLToPath(new URL('../traces/mixed-day.yaml', import.meta.url))
const RUNS = 3

/** The shipped scenario, three times: the fastest, and how far the slowest was from it. */
export async function replayRow(): Promise<BenchRow> {
  const rates: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const started = process.cpuUsage()
    const result = await runScenario(loadScenario({ file: SCENARIO, overrides: [] }), {
      directory: undefined,
      command: [],
      version: 'bench',
      signal: new AbortController().signal,
    })
    const { user, system } = process.cpuUsage(started)
    const pods = metricValue(result.summary, 'pods_succeeded') ?? 0
    if (pods < 19_000) throw new Error(`only ${pods} pods succeeded`)
    rates.push(pods / ((user + system) / 1e6))
  }
  const best = Math.max(...rates)
  const name = `replay, ${path.basename(SCENARIO)}`
  return { name, unit: 'pods', unitsPerSecond: best, marginPercent: (1 - Math.min(...rates) / best) * 100 }
}
