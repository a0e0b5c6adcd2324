import { describe, expect, it } from 'vitest'

import { metricValue } from '../../src/report/summary.ts'
import { checkScenario } from '../../src/run/check.ts'
import type { RunResult } from '../../src/run/run.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { inlineScenario, runInline } from './inline-scenario.ts'

const POD_SPEC = 'spec: { restartPolicy: Never, containers: [{ name: c, image: i }] }'
const FAILING = `metadata: { annotations: { stowage.dev/exit-code: "1", stowage.dev/duration: 10s } }, ${POD_SPEC}`
const CRON_JOB = `{ apiVersion: batch/v1, kind: CronJob, metadata: { name: cron }, spec: { schedule: "0 */6 * * *",
  jobTemplate: { spec: { template: { ${POD_SPEC} } } } } }`
const WEB = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { replicas: 2,
  selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } },
  spec: { containers: [{ name: c, image: i }] } } } }`

async function run(scenario: Scenario): Promise<RunResult & { readonly seconds: number | undefined }> {
  const result = await runInline(scenario)
  return { ...result, seconds: metricValue(result.summary, 'simulated_s') }
}

describe('a run without an end of its own', () => {
  it('waits for the retries of a Job, and ends with it', async () => {
    const job = `{ apiVersion: batch/v1, kind: Job, metadata: { name: j }, spec: { backoffLimit: 2, template: { ${FAILING} } } }`
    const { summary, seconds = 0 } = await run(inlineScenario(job))
    expect(metricValue(summary, 'pods_failed')).toBe(3)
    // Three runs of 10 s with 2 s of start-up, and 10 and 20 s in between.
    expect(seconds).toBeGreaterThan(66)
    expect(seconds).toBeLessThan(75)
  })

  it('waits for its last action, however little happens until then', async () => {
    const actions = 'actions: [{ at: 3h, scale: { kind: Deployment, name: web, replicas: 3 } }]'
    const { summary, seconds } = await run(inlineScenario(WEB, actions))
    expect(metricValue(summary, 'pods_submitted')).toBe(3)
    expect(seconds).toBeGreaterThan(3 * 3600)
  })

  it('waits for its last action when no pod is left', async () => {
    const target = '{ kind: Deployment, name: web }'
    const actions = `actions: [{ at: 10s, delete: ${target} }, { at: 1m, cordon: { node: node-0 } }]`
    const { seconds = 0 } = await run(inlineScenario(WEB, actions))
    expect(seconds).toBeGreaterThan(60)
    expect(seconds).toBeLessThan(61)
  })

  it('does not wait for a container that fails whenever it is started again', async () => {
    const annotations = 'annotations: { stowage.dev/exit-code: "1", stowage.dev/duration: 10s }'
    const spec = 'spec: { restartPolicy: OnFailure, containers: [{ name: c, image: i }] }'
    const pod = `{ apiVersion: v1, kind: Pod, metadata: { name: a, ${annotations} }, ${spec} }`
    const { summary, seconds } = await run(inlineScenario(pod))
    expect(seconds).toBe(3600)
    // 10, 20, ... 300 s apart.
    expect(metricValue(summary, 'container_restarts')).toBeGreaterThan(10)
  })

  it('ends after a day when it has CronJobs, and says so', async () => {
    const warning = 'CronJobs are never done, and there is no spec.until: the run ends after 1d'
    const scenario = inlineScenario(CRON_JOB)
    const { summary, seconds, warnings } = await run(scenario)
    expect(seconds).toBe(86_400)
    expect(metricValue(summary, 'pods_succeeded')).toBe(3)
    expect(warnings).toContain(warning)
    expect((await checkScenario(scenario)).warnings).toContain(warning)
  })
})

it('a run says which actions come after its end, and so does the check', async () => {
  const actions = 'until: 1h, actions: [{ at: 2h, restart: { kind: Deployment, name: web } }]'
  const warning = '1 of the actions come after the end of the run'
  const scenario = inlineScenario(WEB, actions)
  expect((await run(scenario)).warnings).toContain(warning)
  expect((await checkScenario(scenario)).warnings).toContain(warning)
})
