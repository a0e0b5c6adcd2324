import { expect, it } from 'vitest'

import { metricValue } from '../../src/report/summary.ts'
import { inlineScenario, runInline } from './inline-scenario.ts'

const HEADER = 'arrival_s,duration_s,cpu_milli,memory_mib,used_memory_mib,qos'

/** Runs tasks on one machine of 16 GiB: how many pods failed, and how many succeeded. */
async function failedAndSucceeded(...rows: readonly string[]): Promise<readonly unknown[]> {
  const trace = 'workload: [{ trace: { file: tasks.csv, format: csv } }]'
  const scenario = inlineScenario('', trace, { 'tasks.csv': [HEADER, ...rows].join('\n') })
  const { summary } = await runInline(scenario)
  return ['pods_failed', 'pods_succeeded'].map((name) => metricValue(summary, name))
}

it.each(['Burstable', 'BestEffort'])(
  'a %s pod that uses more than its machine has is made again six times, with and without requests',
  async (qos) => {
    expect(await failedAndSucceeded(`0,60,100,1024,20000,${qos}`)).toEqual([7, 0])
  },
)

it('a pod that is killed for what others use is made again until there is room', async () => {
  const [failed, succeeded] = await failedAndSucceeded(
    '0,20000,100,10240,10240,Burstable',
    '60,60,100,0,10240,BestEffort',
  )
  expect(succeeded).toBe(2)
  expect(failed).toBeGreaterThan(7)
})
