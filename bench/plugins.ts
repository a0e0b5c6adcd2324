/** How many decisions a CPU second does the scheduler make, family of plugins by family, at 500 and 5,000 nodes? */
import { fileURLToPath } from 'node:url'

import { cpuClock } from '../src/benchmark/cpu-clock.ts'
import { chooseWorkloads, runSchedulerPerf } from '../src/benchmark/scheduler-perf.ts'
import type { ChosenWorkload } from '../src/benchmark/scheduler-perf.ts'
import { bestOf, cpuMilliseconds } from './bench-row.ts'
import type { BenchRow } from './bench-row.ts'

const WORKLOADS = fileURLToPath(new URL('workloads/performance-config.yaml', import.meta.url))
const RUNS = 3

/** Each workload three times: the fastest, and how far the slowest was from it. */
export async function pluginRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const chosen of chooseWorkloads({ places: [WORKLOADS], labels: '' })) {
    const { testCase } = chosen.workload
    const rates: number[] = []
    for (let i = 0; i < RUNS; i++) rates.push(await decisionsPerSecond(chosen))
    const nodes = Number(chosen.workload.params['nodes']).toLocaleString('en')
    rows.push(bestOf(`plugins, ${testCase}, ${nodes} nodes`, 'decisions', rates))
  }
  return rows
}

/** Decisions over the processor time of the measured section, in one run of a workload; throws when pods were not bound. */
export async function decisionsPerSecond(chosen: ChosenWorkload): Promise<number> {
  const { results } = await runSchedulerPerf([chosen], {
    cycleTime: '1ms',
    kubernetesVersion: '1.37',
    seed: '1',
    uniqueSignatures: false,
    report: undefined,
    cpuSeconds: cpuClock(() => cpuMilliseconds() / 1000, monotonicMs),
    milliseconds: monotonicMs,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  const [result] = results
  const [section] = result?.sections ?? []
  if (result?.outcome !== 'passed' || section === undefined) {
    throw new Error(`${chosen.workload.testCase}/${chosen.workload.name}: ${result?.failure ?? 'not run'}`)
  }
  const decisions = [...section.attemptMs.values()].reduce((sum, { count }) => sum + count, 0)
  return decisions / section.cpuSeconds
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
