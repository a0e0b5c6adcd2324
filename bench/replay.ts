/**
 * How many pods a CPU second does a whole run take, with everything that a run has switched on, as the cluster grows? The
 * shipped scenario, and the work of `stowage bench replay` without the start of the program.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { checkReplay } from '../src/benchmark/replay-check.ts'
import { replayScenario, workOf } from '../src/benchmark/replay.ts'
import { metricValue } from '../src/report/summary.ts'
import { runScenario } from '../src/run/run.ts'
import type { RunHooks } from '../src/run/run.ts'
import { loadScenario } from '../src/scenario/load.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { bestOf, cpuMilliseconds } from './bench-row.ts'
import type { BenchRow } from './bench-row.ts'

const SCENARIO = fileURLToPath(new URL('../traces/mixed-day.yaml', import.meta.url))
const RUNS = 3
const CASES = [
  { nodes: 100, pods: 20_000, shapes: undefined },
  { nodes: 1_000, pods: 50_000, shapes: undefined },
  { nodes: 5_000, pods: 100_000, shapes: undefined },
  { nodes: 5_000, pods: 100_000, shapes: 100 },
] as const

/** Each three times: the fastest, and how far the slowest was from it. */
export async function replayRows(): Promise<BenchRow[]> {
  const shipped = loadScenario({ file: SCENARIO, overrides: [] })
  const rows = [await replayed(`replay, ${path.basename(SCENARIO)}`, shipped, 19_000, () => ({}))]
  for (const one of CASES) {
    const setting = { ...one, seed: 1 }
    const { equal } = await checkReplay(setting, new AbortController().signal)
    if (!equal) throw new Error('a sample of the replay differs from what the definition decides')
    const name = `replay, ${one.nodes.toLocaleString('en')} nodes, ${one.shapes ?? 'all'} shapes`
    rows.push(await replayed(name, replayScenario(setting), one.pods, () => ({ work: workOf(setting) })))
  }
  return rows
}

async function replayed(
  name: string,
  scenario: Scenario,
  podsMin: number,
  hooksOf: () => Pick<RunHooks, 'work'>,
): Promise<BenchRow> {
  const rates: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const directory = mkdtempSync(path.join(tmpdir(), 'stowage-bench-'))
    const started = cpuMilliseconds()
    const result = await runScenario(scenario, {
      directory,
      command: [],
      version: 'bench',
      signal: new AbortController().signal,
      ...hooksOf(),
    })
    const seconds = (cpuMilliseconds() - started) / 1000
    rmSync(directory, { recursive: true })
    const pods = metricValue(result.summary, 'pods_succeeded') ?? 0
    if (pods < podsMin) throw new Error(`${name}: only ${pods} pods succeeded`)
    if (result.events < pods) throw new Error(`${name}: only ${result.events} events`)
    rates.push(pods / seconds)
  }
  return bestOf(name, 'pods', rates)
}
