import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import type { Deployment, ResourceQuota } from '../../src/api/types.generated.ts'
import { metricValue } from '../../src/report/summary.ts'
import { checkScenario } from '../../src/run/check.ts'
import { replayRun, runScenario } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { parseTable } from '../report/parse-csv.ts'
import { temporaryDirectory } from '../report/temporary-directory.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

function example(): Scenario {
  return loadScenario({ file: path.join(PROJECT_ROOT, 'docs/examples/quota.yaml'), overrides: [] })
}

describe('the example of quotas', () => {
  it('refuses and starts pods as its page says', async () => {
    const directory = temporaryDirectory()
    const { signal } = new AbortController()
    const { summary } = await runScenario(example(), { directory, command: ['test'], version: '0', signal })
    const events = readFileSync(path.join(directory, 'events.csv'), 'utf8')
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs/quotas.md'), 'utf8')
    const shown = page.split('\n').filter((line) => /^ {4}(time_s|\d+),/.test(line))
    expect(events.trim().split('\n')).toEqual(shown.map((line) => line.trim()))
    const pods = parseTable(readFileSync(path.join(directory, 'pods.csv'), 'utf8'))
    expect(pods.map((pod) => [pod['name'], pod['created_s']])).toEqual([
      ['first', '0'],
      ['second', '0'],
      ['third', '73'],
    ])
    expect(metricValue(summary, 'pods_succeeded')).toBe(3)
  })

  it('passes the check of scenarios, without warnings', async () => {
    expect((await checkScenario(example())).warnings).toEqual([])
  })
})

const WORKLOAD = `
apiVersion: v1
kind: ResourceQuota
metadata: { name: team }
spec: { hard: { pods: "2", limits.cpu: "4" } }
---
apiVersion: v1
kind: LimitRange
metadata: { name: sizes }
spec: { limits: [{ type: Container, default: { cpu: 500m } }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: web }] }
`

it('a Deployment gets as many pods as its quota has room for, with the limits of its namespace, and says so', async () => {
  const directory = temporaryDirectory()
  writeFileSync(path.join(directory, 'objects.yaml'), WORKLOAD)
  const scenario = loadScenario({
    file: path.join(PROJECT_ROOT, 'docs/examples/quota.yaml'),
    overrides: ['spec.until=1m', 'spec.workload=[]'],
  })
  const objects = [path.join(directory, 'objects.yaml')]
  const { api } = await replayRun({ ...scenario, objects }, () => undefined, new AbortController().signal)
  const limits = [...api.pods.table.stored()].map(
    (row) => api.pods.infoOf(row).template.spec.containers[0]?.resources?.limits,
  )
  expect(limits).toEqual([{ cpu: '500m' }, { cpu: '500m' }])
  const quota = api.collection<ResourceQuota>('ResourceQuota').get('default/team')
  expect(quota?.status?.used).toEqual({ pods: '2', 'limits.cpu': '1' })
  const deployment = api.collection<Deployment>('Deployment').get('default/web')
  const failure = deployment?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  expect(failure?.message).toContain(
    'is forbidden: exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2',
  )
})
