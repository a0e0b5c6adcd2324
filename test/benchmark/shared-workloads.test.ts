import { describe, expect, it } from 'vitest'

import { readPerformanceConfigs } from '../../src/benchmark/performance-config.ts'
import { chooseWorkloads, runSchedulerPerf } from '../../src/benchmark/scheduler-perf.ts'
import { hasShared, shared } from '../shared-data.ts'

const VERSIONS = [
  ['1.36', 'v1.36.3', 242],
  ['1.37', 'v1.37.2', 267],
] as const

describe.skipIf(!hasShared)('the scheduler_perf files of the shared data', () => {
  it.each(VERSIONS)('%s: every workload can be read', (_, folder, count) => {
    const workloads = readPerformanceConfigs([shared('traces', 'scheduler_perf', folder)])
    expect(workloads).toHaveLength(count)
    for (const workload of workloads) expect(workload.operations().length).toBeGreaterThan(1)
  })

  it.each(VERSIONS)(
    '%s: short integration tests end with the expected pods',
    async (version, folder) => {
      const chosen = chooseWorkloads({
        places: [shared('traces', 'scheduler_perf', folder)],
        labels: 'integration-test,short',
      })
      const { results } = await runSchedulerPerf(chosen, {
        cycleTime: '1ms',
        kubernetesVersion: version,
        seed: '1',
        uniqueSignatures: version === '1.37',
        report: undefined,
        cpuSeconds: () => 0,
        milliseconds: () => 0,
        signal: AbortSignal.timeout(120_000),
        onProgress: () => undefined,
      })
      expect(results.length).toBeGreaterThan(40)
      expect(results.filter(({ outcome }) => outcome !== 'passed').map(({ failure }) => failure)).toEqual([])
    },
    180_000,
  )
})
