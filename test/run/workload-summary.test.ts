import { readFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { metricValue } from '../../src/report/summary.ts'
import { summaryTable } from '../../src/report/summary-table.ts'
import { parseTable } from '../report/parse-csv.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { inlineScenario, runInline } from './inline-scenario.ts'

const FAILING = '{ stowage.dev/duration: 10s, stowage.dev/exit-code: "1" }'
const OBJECTS = `
{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { replicas: 2,
  selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } },
  spec: { containers: [{ name: c, image: i }] } } } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: crasher, annotations: ${FAILING} }, spec: { containers: [{ name: c, image: i }] } }
---
{ apiVersion: batch/v1, kind: Job, metadata: { name: good }, spec: { template: {
  spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } } } }
---
{ apiVersion: batch/v1, kind: Job, metadata: { name: bad }, spec: { backoffLimit: 0, template: {
  metadata: { annotations: ${FAILING} }, spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } } } }
`
const WEB = '{ kind: Deployment, name: web'
const ACTIONS = `until: 5m, actions: [{ at: 2m, restart: ${WEB} } }, { at: 4m, delete: ${WEB} } }]`

it('a summary has a part for workloads: rollouts, jobs, restarts, and what was not there', async () => {
  const directory = temporaryDirectory()
  const { summary } = await runInline(inlineScenario(OBJECTS, ACTIONS), directory)
  const value = (name: string): number | undefined => metricValue(summary, name)
  expect(value('rollouts')).toBe(2)
  expect(value('rollouts_by_complete')).toBe(2)
  // The first takes a start; then each new pod starts when the one before is ready.
  expect(value('rollout_s_p50')).toBe(3)
  expect(value('rollout_s_max')).toBe(4)
  expect([value('jobs_ended'), value('jobs_ended_by_complete'), value('jobs_ended_by_failed')]).toEqual([
    2, 1, 1,
  ])
  // Runs of 10 s from 2 s on, after 0, 10, 20, 40 and 80 s.
  expect(value('container_restarts')).toBe(5)
  expect(value('replicas_unavailable_pod_s')).toBe(4)
  expect(summaryTable(summary, { colour: false })).toMatch(/^Workloads\n {2}rollouts +2$/m)
  const rows = parseTable(readFileSync(path.join(directory, 'workloads.csv'), 'utf8'))
  expect(rows.map((row) => row['kind'])).toEqual(['Deployment', 'Job', 'Job', 'Pod'])
  const events = parseTable(readFileSync(path.join(directory, 'events.csv'), 'utf8'))
  expect(events.filter(({ kind }) => kind === 'JobFailed')).toEqual([
    expect.objectContaining({ object: 'default/bad', reason: 'BackoffLimitExceeded' }),
  ])
  const restarts = events.filter(({ kind }) => kind === 'ContainerRestart')
  expect(restarts.map((row) => row['time_s'])).toEqual(['12', '32', '62', '112', '202'])
  expect(restarts[1]).toMatchObject({
    object: 'default/crasher',
    node: 'node-0',
    reason: 'Error',
    message: 'container c, ended with exit code 1, restart 2',
  })
})

it('a summary of pods without workloads has no such part', async () => {
  const pod =
    '{ apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: c, image: i }] } }'
  const { summary } = await runInline(inlineScenario(pod, 'until: 5m'))
  expect(metricValue(summary, 'rollouts')).toBeUndefined()
  expect(summaryTable(summary, { colour: false })).not.toContain('Workloads')
})

it('a rollout that undoes one beyond its deadline has not exceeded it itself', async () => {
  const web = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { replicas: 1,
    progressDeadlineSeconds: 60, selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } },
    spec: { containers: [{ name: c, image: "good:1" }] } } } }`
  const broken = `setImage: ${WEB}, images: { c: "bad:1" } }`
  const actions = `actions: [{ at: 1m, ${broken} }, { at: 5m, undo: ${WEB} } }], until: 10m`
  const directory = temporaryDirectory()
  const images = 'images: { unavailable: [{ image: "bad:1" }] }'
  await runInline(inlineScenario(web, `${images}, ${actions}`), directory)
  const rollouts = parseTable(readFileSync(path.join(directory, 'rollouts.csv'), 'utf8'))
  expect(rollouts.map((row) => [row['outcome'], row['deadline_exceeded']])).toEqual([
    ['complete', 'false'],
    ['superseded', 'true'],
    ['complete', 'false'],
  ])
})
